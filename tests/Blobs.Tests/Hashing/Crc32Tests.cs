using System.Text;
using Blobs.Hashing;

namespace Blobs.Tests.Hashing;

public sealed class Crc32Tests
{
    [Theory]
    [InlineData("", 0x00000000)]
    [InlineData("a", 0xe8b7be43)]
    [InlineData("123456789", 0xcbf43926)]
    [InlineData("The quick brown fox jumps over the lazy dog", 0x414fa339)]
    public void Gives_the_values_of_gzip(string text, uint expected)
    {
        var crc = new Crc32();
        crc.Append(Encoding.ASCII.GetBytes(text));
        Assert.Equal(expected, crc.Value);
    }

    [Fact]
    public void Agrees_with_the_runtimes_implementation_however_the_bytes_are_cut()
    {
        byte[] bytes = new byte[5000];
        new Random(2).NextBytes(bytes);
        uint expected = System.IO.Hashing.Crc32.HashToUInt32(bytes);
        for (int pieceBytes = 1; pieceBytes < bytes.Length; pieceBytes += 7)
        {
            var crc = new Crc32();
            for (int position = 0; position < bytes.Length; position += pieceBytes)
            {
                crc.Append(bytes.AsSpan(position, Math.Min(pieceBytes, bytes.Length - position)));
            }

            Assert.Equal(expected, crc.Value);
        }
    }
}

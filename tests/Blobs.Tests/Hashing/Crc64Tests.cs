using System.Text;
using Blobs.Hashing;

namespace Blobs.Tests.Hashing;

public sealed class Crc64Tests
{
    [Theory]
    [InlineData("", 0x0000000000000000)]
    [InlineData("\0", 0x6f90000000000000)]
    [InlineData("hi", 0x3998100000000000)]
    [InlineData("abc", 0x3776c42000000000)]
    [InlineData("hello\n", 0x614c3eeee2d81000)]
    [InlineData("123456789", 0xb90956c775a41001)]
    public void Gives_the_values_of_tar_split(string text, ulong expected) =>
        Assert.Equal(expected, Crc64.Of(Encoding.ASCII.GetBytes(text)));

    [Fact]
    public void Gives_the_value_of_tar_split_for_a_block() =>
        Assert.Equal(0xbcdaefffffffffff, Crc64.Of(Enumerable.Repeat((byte)'x', 512).ToArray()));

    [Fact]
    public void Appending_in_pieces_gives_the_same_as_at_once()
    {
        byte[] bytes = new byte[5000];
        new Random(2).NextBytes(bytes);
        for (int pieceBytes = 1; pieceBytes < 300; pieceBytes += 7)
        {
            var crc = new Crc64();
            for (int position = 0; position < bytes.Length; position += pieceBytes)
            {
                crc.Append(bytes.AsSpan(position, Math.Min(pieceBytes, bytes.Length - position)));
            }

            Assert.Equal(Crc64.Of(bytes), crc.Value);
        }
    }
}

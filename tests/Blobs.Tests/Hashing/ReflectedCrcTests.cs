using Blobs.Hashing;

namespace Blobs.Tests.Hashing;

public sealed class ReflectedCrcTests
{
    [Theory]
    [InlineData(64, 0xd800_0000_0000_0000)]
    [InlineData(64, 0xc96c_5795_d787_0f42)]
    [InlineData(32, 0x0000_0000_edb8_8320)]
    [InlineData(32, 0x0000_0000_82f6_3b78)]
    public void Vectorized_and_scalar_code_agree_at_all_lengths_and_offsets(int bits, ulong polynomial)
    {
        var crc = new ReflectedCrc(bits, polynomial);
        byte[] bytes = new byte[1300];
        new Random(1).NextBytes(bytes);
        ulong register = ulong.MaxValue >> (64 - bits);
        for (int offset = 0; offset < 17; offset++)
        {
            for (int length = 0; length <= 1200; length++)
            {
                ReadOnlySpan<byte> part = bytes.AsSpan(offset, length);
                Assert.Equal(crc.UpdateScalar(register, part), crc.Update(register, part));
            }
        }
    }
}

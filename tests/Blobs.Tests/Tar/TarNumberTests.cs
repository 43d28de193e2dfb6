using System.Text;
using Blobs.Tar;

namespace Blobs.Tests.Tar;

public sealed class TarNumberTests
{
    [Theory]
    [InlineData("0000644\0", 420)]
    [InlineData("   644 \0", 420)]
    [InlineData("\0\0\0\0\0\0\0\0", 0)]
    [InlineData("        ", 0)]
    [InlineData("77777777", 16_777_215)]
    public void Reads_octal_between_spaces_and_nuls(string field, long expected)
    {
        Assert.True(TarNumber.TryParseField(Encoding.ASCII.GetBytes(field), out long value));
        Assert.Equal(expected, value);
    }

    [Theory]
    [InlineData("0000648\0")]
    [InlineData("64 4\0\0\0\0")]
    [InlineData("-1\0\0\0\0\0\0")]
    [InlineData("0x12\0\0\0\0")]
    public void Rejects_invalid_octal_numbers(string field) =>
        Assert.False(TarNumber.TryParseField(Encoding.ASCII.GetBytes(field), out _));

    [Theory]
    [InlineData("80000000000000000000000a", 10)]
    [InlineData("ffffffffffffffffffffffff", -1)]
    [InlineData("800000007fffffffffffffff", long.MaxValue)]
    [InlineData("ffffffff8000000000000000", long.MinValue)]
    public void Reads_base_256(string hex, long expected)
    {
        Assert.True(TarNumber.TryParseField(Convert.FromHexString(hex), out long value));
        Assert.Equal(expected, value);
    }

    [Theory]
    [InlineData("800000008000000000000000")]
    [InlineData("810000000000000000000000")]
    [InlineData("ffffffff7fffffffffffffff")]
    public void Rejects_base_256_beyond_64_bits(string hex) =>
        Assert.False(TarNumber.TryParseField(Convert.FromHexString(hex), out _));

    [Theory]
    [InlineData("0", 0, 0)]
    [InlineData("1.5", 1, 500_000_000)]
    [InlineData("1350244992.023960108", 1_350_244_992, 23_960_108)]
    [InlineData("1.0000000009", 1, 0)]
    [InlineData("1.", 1, 0)]
    [InlineData("-1", -1, 0)]
    [InlineData("-1.5", -2, 500_000_000)]
    [InlineData("-0.5", -1, 500_000_000)]
    public void Reads_pax_times(string text, long seconds, int nanoseconds)
    {
        Assert.True(TarNumber.TryParseTime(Encoding.ASCII.GetBytes(text), out UnixTime time));
        Assert.Equal(new UnixTime(seconds, nanoseconds), time);
    }

    [Theory]
    [InlineData("")]
    [InlineData(".5")]
    [InlineData("1.-5")]
    [InlineData("1x")]
    [InlineData("9223372036854775808")]
    public void Rejects_invalid_times(string text) =>
        Assert.False(TarNumber.TryParseTime(Encoding.ASCII.GetBytes(text), out _));
}

using System.IO.Compression;
using Blobs.Compression;
using Blobs.Errors;
using Blobs.Tests.Testing;

namespace Blobs.Tests.Compression;

/// <summary>Data after the end of a compressed stream: zero bytes are accepted, anything else is reported with offset, length and first
/// bytes.</summary>
public sealed class TrailingDataTests
{
    private const string Junk = "junk that is no member";
    private const string JunkInHex = "6a756e6b2074686174206973206e6f20…";

    private static readonly byte[] Plain = [.. Enumerable.Range(0, 5000).Select(value => (byte)(value / 7))];

    public static TheoryData<string, string> Formats => new() { { "gzip", "member" }, { "zstd", "frame" }, { "bzip2", "stream" }, { "xz", "stream" } };

    [Theory]
    [MemberData(nameof(Formats))]
    public void Trailing_junk_is_reported_with_offset_length_and_bytes(string format, string unit)
    {
        byte[] whole = Of(format);
        foreach (int piece in (int[])[1, 7, 100_000])
        {
            MalformedDataException fault = Refuses(format, [.. whole, .. System.Text.Encoding.ASCII.GetBytes(Junk)], piece);
            Assert.Equal((Fault.TrailingData, (long)whole.Length), (fault.Fault, fault.Offset));
            Assert.Contains(
                $"{format}: the last {unit} ends at byte {whole.Length}; 22 bytes follow that are not a {unit}: {JunkInHex}", fault.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Junk_after_zeros_is_reported_too(string format, string unit)
    {
        byte[] whole = Of(format);
        MalformedDataException fault = Refuses(format, [.. whole, .. new byte[100], 0xab], 13);
        Assert.Equal((Fault.TrailingData, whole.Length + 100L), (fault.Fault, fault.Offset));
        Assert.Contains(
            $"the last {unit} ends at byte {whole.Length}; after 100 zero bytes, 1 byte follows that is not a {unit}: ab", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Junk_that_begins_like_another_member_is_reported(string format, string unit)
    {
        byte[] whole = Of(format);
        MalformedDataException fault = Refuses(format, [.. whole, whole[0]], 100);
        Assert.Equal(Fault.TrailingData, fault.Fault);
        Assert.Contains($"1 byte follows that is not a {unit}: {whole[0]:x2}", fault.Message, StringComparison.Ordinal);
        fault = Refuses(format, [.. whole, whole[0], (byte)'x', (byte)'y', (byte)'z', (byte)'0', (byte)'1', (byte)'2'], 3);
        Assert.Equal(Fault.TrailingData, fault.Fault);
        Assert.Contains($"7 bytes follow that are not a {unit}: {whole[0]:x2}78797a303132", fault.Message, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void Zeros_and_more_members_are_accepted(string format, string unit)
    {
        byte[] whole = Of(format);
        foreach (int piece in (int[])[1, 100_000])
        {
            Assert.True(Plain.AsSpan().SequenceEqual(Decode(format, [.. whole, .. new byte[1000]], piece)), unit);
            Assert.Equal([.. Plain, .. Plain], Decode(format, [.. whole, .. whole, .. new byte[4]], piece));
        }
    }

    internal static byte[] Of(string format) => format switch
    {
        "gzip" => Gzip(Plain),
        "zstd" => new ZstdSharp.Compressor().Wrap(Plain).ToArray(),
        "bzip2" => Bzip2Stream.Of(Plain),
        _ => XzStream.Of(Plain),
    };

    internal static byte[] Decode(string format, byte[] stream, int pieceBytes)
    {
        CompressionKind kind = CompressionDetector.Detect(stream.AsSpan(0, Math.Min(stream.Length, CompressionDetector.PrefixBytes)));
        Assert.Equal(format, $"{kind}", ignoreCase: true);
        using var decoding = DecodingStream.Open(new ChunkedStream(stream, pieceBytes), kind, Limits.Default);
        using var plain = new MemoryStream();
        decoding.CopyTo(plain);
        return plain.ToArray();
    }

    private static MalformedDataException Refuses(string format, byte[] stream, int pieceBytes) =>
        Assert.Throws<MalformedDataException>(() => Decode(format, stream, pieceBytes));

    private static byte[] Gzip(byte[] plain)
    {
        var target = new MemoryStream();
        using (var gzip = new GZipStream(target, CompressionLevel.Optimal))
        {
            gzip.Write(plain);
        }

        return target.ToArray();
    }
}

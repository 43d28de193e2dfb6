namespace Blobs.Interop.Inputs;

/// <summary>Layers that broke on their way, by the name of what happened.</summary>
internal static class DamagedLayers
{
    private static readonly Lazy<byte[]> Tar = new(() => OddLayer.Build());
    private static readonly Lazy<byte[]> Layer = new(() => LayerFiles.Gzip(Tar.Value));

    private static readonly Dictionary<string, Func<byte[]>> Damages = new()
    {
        ["gzip-cut-in-its-header"] = () => Layer.Value[..7],
        ["gzip-cut-in-the-middle"] = () => Layer.Value[..(Layer.Value.Length / 2)],
        ["gzip-cut-before-its-checksum"] = () => Layer.Value[..^8],
        ["gzip-cut-in-its-checksum"] = () => Layer.Value[..^3],
        ["bit-flipped-in-the-middle"] = () => Flip(Layer.Value, Layer.Value.Length / 2),
        ["bit-flipped-near-the-end"] = () => Flip(Layer.Value, Layer.Value.Length - 40),
        ["bit-flipped-in-the-checksum"] = () => Flip(Layer.Value, Layer.Value.Length - 6),
        ["bit-flipped-in-the-length"] = () => Flip(Layer.Value, Layer.Value.Length - 2),
        ["junk-after-gzip"] = () => [.. Layer.Value, .. "junk that is no member"u8],
        ["tar-cut-in-a-payload"] = () => LayerFiles.Gzip(Tar.Value[..(Tar.Value.Length / 2)]),
        ["tar-cut-in-a-header"] = () => LayerFiles.Gzip(Tar.Value[..(4 * 512 + 100)]),
        ["tar-with-a-broken-header"] = () => LayerFiles.Gzip([.. BaseLayer.Build()[..512], .. Enumerable.Repeat((byte)'x', 2048)]),
        ["tar-with-the-same-name-twice"] = () => LayerFiles.Gzip(
            new TarBuilder().Add(new TarMember("a") { Content = [1] }).Add(new TarMember("./a") { Content = [2] }).ToArray()),
        ["not-a-tar"] = () => LayerFiles.Gzip([.. Enumerable.Repeat((byte)'t', 5000)]),
        ["not-gzip"] = () => [.. Enumerable.Repeat((byte)'p', 5000)],
        ["bzip2"] = () => [.. "BZh91AY&SY"u8, .. new byte[100]],
    };

    public static IEnumerable<string> Names => Damages.Keys;

    public static byte[] Build(string name) => Damages[name]();

    private static byte[] Flip(byte[] bytes, int at)
    {
        byte[] flipped = [.. bytes];
        flipped[at] ^= 0x10;
        return flipped;
    }
}

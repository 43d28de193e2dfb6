using System.Formats.Tar;
using System.IO.Compression;
using System.Text;

namespace Blobs.Bench;

/// <summary>
/// The layer to measure with: the file that BLOBS_BENCH_LAYER names (tar.gz), or one that is generated, identical on
/// every machine: 4,000 files that resemble source text and some that resemble binaries, about 40 MB.
/// </summary>
internal static class Corpus
{
    private static readonly Lazy<byte[]> LazyGzip = new(ReadOrMake);
    private static readonly Lazy<byte[]> LazyTar = new(Inflate);
    private static readonly Lazy<byte[]> LazyZstd = new(() =>
    {
        using var compressor = new ZstdSharp.Compressor(3);
        return compressor.Wrap(Tar).ToArray();
    });

    public static byte[] Gzip => LazyGzip.Value;

    public static byte[] Tar => LazyTar.Value;

    public static byte[] Zstd => LazyZstd.Value;

    /// <summary>A folder for trees, on tmpfs where there is one.</summary>
    public static string Scratch =>
        Path.Combine(Directory.Exists("/dev/shm") ? "/dev/shm" : Path.GetTempPath(), $"blobs-bench-{Path.GetRandomFileName()}");

    private static byte[] ReadOrMake() =>
        Environment.GetEnvironmentVariable("BLOBS_BENCH_LAYER") is { Length: > 0 } path ? File.ReadAllBytes(path) : Make();

    private static byte[] Inflate()
    {
        using var gzip = new GZipStream(new MemoryStream(Gzip), CompressionMode.Decompress);
        var tar = new MemoryStream();
        gzip.CopyTo(tar);
        return tar.ToArray();
    }

    private static byte[] Make()
    {
        var target = new MemoryStream();
        using (var gzip = new GZipStream(target, CompressionLevel.Optimal, leaveOpen: true))
        using (var tar = new TarWriter(gzip, TarEntryFormat.Pax))
        {
            var random = new Random(1);
            for (int i = 0; i < 4000; i++)
            {
                byte[] content = i % 40 == 0 ? Binary(random) : Text(random);
                var entry = new PaxTarEntry(TarEntryType.RegularFile, $"app/package-{i / 40}/lib/file-{i}.js")
                {
                    DataStream = new MemoryStream(content),
                    ModificationTime = DateTimeOffset.UnixEpoch.AddDays(20_000),
                };
                tar.WriteEntry(entry);
            }
        }

        return target.ToArray();
    }

    private static byte[] Text(Random random)
    {
        string[] words = ["function", "return", "const", "require", "module", "exports", "value", "length", "options", "if", "else", "=>"];
        var text = new StringBuilder();
        int length = 500 + random.Next(12_000);
        while (text.Length < length)
        {
            text.Append(words[random.Next(words.Length)]).Append(random.Next(20) switch { 0 => ";\n  ", 1 => $"_{random.Next(9999)} ", _ => " " });
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }

    private static byte[] Binary(Random random)
    {
        byte[] bytes = new byte[100_000 + random.Next(100_000)];
        random.NextBytes(bytes.AsSpan(0, bytes.Length / 2));
        return bytes;
    }
}

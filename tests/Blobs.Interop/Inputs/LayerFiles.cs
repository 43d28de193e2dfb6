using System.IO.Compression;

namespace Blobs.Interop.Inputs;

/// <summary>Layers put down as files, plain or compressed.</summary>
internal static class LayerFiles
{
    public static string Write(TemporaryRoot temporary, string name, byte[] bytes)
    {
        string path = temporary[name];
        File.WriteAllBytes(path, bytes);
        return path;
    }

    public static byte[] Gzip(byte[] bytes)
    {
        var target = new MemoryStream();
        using (var gzip = new GZipStream(target, CompressionLevel.Optimal, leaveOpen: true))
        {
            gzip.Write(bytes);
        }

        return target.ToArray();
    }

    public static byte[] Gunzip(string path)
    {
        using var source = new GZipStream(File.OpenRead(path), CompressionMode.Decompress);
        var target = new MemoryStream();
        source.CopyTo(target);
        return target.ToArray();
    }
}

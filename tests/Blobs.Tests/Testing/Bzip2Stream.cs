using SharpCompress.Compressors;

namespace Blobs.Tests.Testing;

/// <summary>Writes bzip2 with SharpCompress, which also reads it. The interoperability tests use the bzip2
/// program.</summary>
internal static class Bzip2Stream
{
    public static byte[] Of(byte[] plain)
    {
        var target = new MemoryStream();
        using (var bzip2 = SharpCompress.Compressors.BZip2.BZip2Stream.Create(target, CompressionMode.Compress, false))
        {
            bzip2.Write(plain);
        }

        return target.ToArray();
    }
}

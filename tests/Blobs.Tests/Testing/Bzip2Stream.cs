using SharpCompress.Compressors;

namespace Blobs.Tests.Testing;

/// <summary>bzip2, written by the library that also reads it; the real program's are in the interoperability tests.</summary>
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

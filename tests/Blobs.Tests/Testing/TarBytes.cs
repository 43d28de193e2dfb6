using Blobs.Tar;

namespace Blobs.Tests.Testing;

/// <summary>Reads all bytes of a tar source.</summary>
internal static class TarBytes
{
    public static byte[] Of(ITarSource tar, int pieceBytes = 64 << 10)
    {
        var bytes = new MemoryStream();
        byte[] buffer = new byte[pieceBytes];
        int read;
        while ((read = tar.Read(buffer)) > 0)
        {
            bytes.Write(buffer, 0, read);
        }

        return bytes.ToArray();
    }
}

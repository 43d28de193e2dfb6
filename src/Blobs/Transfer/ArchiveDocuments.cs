using System.Text;
using Blobs.Errors;

namespace Blobs.Transfer;

/// <summary>Reads the documents of an archive, which are small and come whole.</summary>
internal static class ArchiveDocuments
{
    /// <summary>A document; null when there is none of that name.</summary>
    public static byte[]? TryReadDocument(this IArchiveFiles files, string name, int bytesMax)
    {
        using Stream? stream = files.TryOpen(name, out long length);
        if (stream is null)
        {
            return null;
        }

        if (length > bytesMax)
        {
            throw Refused(files, $"{Shown(name)} is {length} bytes long, and a document may have {bytesMax}");
        }

        byte[] bytes = new byte[length];
        return stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) == length
            ? bytes
            : throw Refused(files, $"{Shown(name)} is cut off");
    }

    public static byte[] ReadDocument(this IArchiveFiles files, string name, int bytesMax) =>
        files.TryReadDocument(name, bytesMax) ?? throw files.Missing(name);

    public static MalformedDataException Missing(this IArchiveFiles files, string name) =>
        Refused(files, $"there is no {Shown(name)} in it");

    public static MalformedDataException Refused(this IArchiveFiles files, string why) =>
        new(Fault.ImageArchive, 0, $"{files.Origin}: {why}");

    public static string Shown(string text) => Printable.Quote(Encoding.UTF8.GetBytes(text));
}

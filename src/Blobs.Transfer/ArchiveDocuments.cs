using System.Text;
using Blobs.Errors;
using Blobs.Errors.Internal;
using Blobs.Hashing;

namespace Blobs.Transfer;

/// <summary>Reads the small JSON documents of an archive.</summary>
internal static class ArchiveDocuments
{
    /// <summary>Reads a document; null when there is none of that name.</summary>
    /// <param name="files">The archive's files.</param>
    /// <param name="name">Its name in the archive.</param>
    /// <param name="bytesMax">Its maximum length.</param>
    /// <param name="limit">Name of the property of <see cref="Limits"/> that sets the maximum.</param>
    public static byte[]? TryReadDocument(
        this IArchiveFiles files, string name, int bytesMax, string limit = nameof(Limits.ManifestBytes))
    {
        using Stream? stream = files.TryOpen(name, out long length);
        if (stream is null)
        {
            return null;
        }

        if (length > bytesMax)
        {
            Throw.LimitExceeded(limit, bytesMax, $"{files.Origin}: {Shown(name)} of {length} bytes");
        }

        byte[] bytes = new byte[length];
        return stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) == length
            ? bytes
            : throw Refused(files, $"{Shown(name)} is cut off");
    }

    /// <inheritdoc cref="TryReadDocument"/>
    public static byte[] ReadDocument(
        this IArchiveFiles files, string name, int bytesMax, string limit = nameof(Limits.ManifestBytes)) =>
        files.TryReadDocument(name, bytesMax, limit) ?? throw files.Missing(name);

    public static MalformedDataException Missing(this IArchiveFiles files, string name) =>
        Refused(files, $"there is no {Shown(name)} in it");

    public static MalformedDataException Refused(this IArchiveFiles files, string why) =>
        new(Fault.ImageArchive, 0, $"{files.Origin}: {why}");

    /// <summary>The same error, prefixed with the name of an archive or of a member of one.</summary>
    public static BlobsException Named(string name, BlobsException fault) => fault switch
    {
        MalformedDataException { Fault: Fault.TarChecksum, Offset: 0 } => new MalformedDataException(
            Fault.ImageArchive, 0, $"{name}: is not a tar, compressed or not, so it cannot be an image archive"),
        DigestMismatchException mismatch => mismatch.WithName(name),
        _ => ErrorContext.Add(name, fault),
    };

    /// <summary>Parses a document; errors name the archive and the document.</summary>
    public static T Parse<T>(this IArchiveFiles files, string name, Func<T> parse) =>
        ErrorContext.Run($"{files.Origin}: {Shown(name)}", parse);

    public static string Shown(string text) => Printable.Quote(Encoding.UTF8.GetBytes(text));
}

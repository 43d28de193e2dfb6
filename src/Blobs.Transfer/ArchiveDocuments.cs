using System.Text;
using Blobs.Errors;
using Blobs.Errors.Internal;
using Blobs.Hashing;

namespace Blobs.Transfer;

/// <summary>Reads the documents of an archive, which are small and come whole.</summary>
internal static class ArchiveDocuments
{
    /// <summary>A document; null when there is none of that name.</summary>
    /// <param name="files">Where it stands.</param>
    /// <param name="name">What it is called there.</param>
    /// <param name="bytesMax">How long it may be.</param>
    /// <param name="limit">Which of <see cref="Limits"/> says so.</param>
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

    /// <summary>What is wrong with an archive or a member of one, with its name in front.</summary>
    public static BlobsException Named(string name, BlobsException fault) => fault switch
    {
        MalformedDataException { Fault: Fault.TarChecksum, Offset: 0 } => new MalformedDataException(
            Fault.ImageArchive, 0, $"{name}: is no tar, compressed or not, and so no archive of images"),
        DigestMismatchException mismatch => mismatch.WithName(name),
        _ => ErrorContext.Add(name, fault),
    };

    /// <summary>What is made of a document, whose errors say where it stands.</summary>
    public static T Parse<T>(this IArchiveFiles files, string name, Func<T> parse) =>
        ErrorContext.Run($"{files.Origin}: {Shown(name)}", parse);

    public static string Shown(string text) => Printable.Quote(Encoding.UTF8.GetBytes(text));
}

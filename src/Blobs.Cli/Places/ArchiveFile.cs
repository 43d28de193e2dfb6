using Blobs.Transfer;

namespace Blobs.Cli.Places;

/// <summary>The file that a target writes.</summary>
internal static class ArchiveFile
{
    /// <summary>The file of an archive, which may be standard output; null for every other place.</summary>
    public static string? Of(ImagePlace target) =>
        target.Transport is ImageTransport.DockerArchive or ImageTransport.OciArchive ? target.Path : null;
}

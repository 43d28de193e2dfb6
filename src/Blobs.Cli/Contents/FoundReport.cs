namespace Blobs.Cli.Contents;

/// <summary>A file that <c>find</c> found.</summary>
internal sealed record FoundReport(string Place, FileReport File);

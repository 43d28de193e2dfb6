using Blobs.Errors;
using Blobs.Transfer;

namespace Blobs.Fuzz.Targets;

/// <summary>Reads the members of an archive in memory.</summary>
internal sealed class MemoryArchive : IArchiveFiles
{
    private readonly Dictionary<string, byte[]> _files = [];

    public MemoryArchive(MemoryStream archive)
    {
        archive.Position = 0;
        using var reader = new ArchiveReader(archive, Limits.Default);
        while (reader.NextAsync(CancellationToken.None).AsTask().GetAwaiter().GetResult() is { } member)
        {
            if (!member.IsLink)
            {
                _files[member.Name] = archive.GetBuffer()[(int)member.Offset..(int)(member.Offset + member.Length)];
            }
        }
    }

    public string Origin => "archive";

    public Stream? TryOpen(string name, out long length)
    {
        byte[]? content = _files.GetValueOrDefault(ArchiveName.Clean(name));
        length = content?.Length ?? 0;
        return content is null ? null : new MemoryStream(content, writable: false);
    }

    public void Dispose()
    {
    }
}

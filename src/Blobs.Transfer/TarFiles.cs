using System.Runtime.Versioning;
using Blobs.Errors;
using Blobs.Files.Internal;
using Microsoft.Win32.SafeHandles;

namespace Blobs.Transfer;

/// <summary>The files of a seekable tar. The headers are read once; contents are read in place on request.</summary>
[SupportedOSPlatform("linux")]
internal sealed class TarFiles : IArchiveFiles
{
    // A shared layer is a link to a link at most.
    private const int LinksMax = 8;

    private readonly FileStream _source;
    private readonly SafeFileHandle _file;
    private readonly Dictionary<string, ArchiveMember> _members;

    private readonly bool _leaveOpen;

    private TarFiles(string origin, FileStream source, bool leaveOpen, Dictionary<string, ArchiveMember> members)
    {
        _leaveOpen = leaveOpen;
        Origin = origin;
        _source = source;
        _file = source.SafeFileHandle;
        _members = members;
    }

    public string Origin { get; }

    public IEnumerable<string> Directories => _members.Values.Select(ArchiveName.DirectoryOf).OfType<string>().Distinct();

    /// <summary>The names of all files, links included.</summary>
    public IEnumerable<string> Names => _members.Values.Where(member => member.IsFile || member.IsLink).Select(member => member.Name);

    /// <summary>Reads the headers of a tar that is not compressed.</summary>
    /// <param name="origin">Its name in errors.</param>
    /// <param name="source">The file, seekable and at its beginning.</param>
    /// <param name="leaveOpen">Whether to leave the file open; otherwise this takes ownership, also on failure.</param>
    /// <param name="limits">Limits on the archive.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public static async Task<TarFiles> OpenAsync(
        string origin, FileStream source, bool leaveOpen, Limits limits, CancellationToken cancellationToken)
    {
        try
        {
            var members = new Dictionary<string, ArchiveMember>();
            using var reader = new ArchiveReader(source, limits);
            while (await reader.NextAsync(cancellationToken).ConfigureAwait(false) is { } member)
            {
                // Of two members of one name the later one counts, as when unpacking.
                members[member.Name] = member;
            }

            return new TarFiles(origin, source, leaveOpen, members);
        }
        catch (Exception fault)
        {
            if (!leaveOpen)
            {
                await source.DisposeAsync().ConfigureAwait(false);
            }

            if (fault is MalformedDataException or LimitExceededException)
            {
                throw ArchiveDocuments.Named(origin, (BlobsException)fault);
            }

            throw;
        }
    }

    public Stream? TryOpen(string name, out long length)
    {
        ArchiveMember? member = Find(name);
        length = member?.Length ?? 0;
        return member?.Content(new FileSlice(_file, member.Offset, member.StoredLength));
    }

    public void Dispose()
    {
        if (!_leaveOpen)
        {
            _source.Dispose();
        }
    }

    private ArchiveMember? Find(string name)
    {
        string key = ArchiveName.Clean(name);
        for (int i = 0; i < LinksMax && _members.TryGetValue(key, out ArchiveMember? member); i++)
        {
            if (!member.IsLink)
            {
                return member.IsFile ? member : null;
            }

            key = member.Target;
        }

        return null;
    }
}

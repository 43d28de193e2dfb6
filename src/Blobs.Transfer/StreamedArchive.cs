using System.Runtime.Versioning;
using Blobs.Compression;
using Blobs.Compression.Internal;
using Blobs.Errors;
using Blobs.Errors.Internal;
using Blobs.Hashing;
using Blobs.Images;
using Blobs.Images.Internal;
using Blobs.Pipeline;
using Blobs.Tar.Internal;

namespace Blobs.Transfer;

/// <summary>
/// Reads an image archive from a stream, once. Layers come before the documents that describe them, so each is unpacked
/// at once, and looked up by its name when the documents are known. Nothing is spooled.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class StreamedArchive : IArchiveFiles
{
    private const int LinksMax = 8;

    private readonly IImageTarget _target;
    private readonly Limits _limits;
    private readonly Dictionary<string, byte[]> _documents = [];
    private readonly Dictionary<string, string> _links = [];
    private readonly HashSet<string> _directories = [];
    private readonly Dictionary<string, LayerSummary> _layers = [];

    // Members that look like layers but failed to unpack. Only the documents tell whether they are layers.
    private readonly Dictionary<string, BlobsException> _faults = [];
    private long _documentBytes;

    private StreamedArchive(string origin, IImageTarget target, Limits limits)
    {
        Origin = origin;
        _target = target;
        _limits = limits;
    }

    public string Origin { get; }

    public IEnumerable<string> Directories => _directories;

    /// <summary>Reads an archive to its end.</summary>
    /// <param name="origin">Its name in errors.</param>
    /// <param name="source">An uncompressed tar; stays open.</param>
    /// <param name="target">Unpacks the layers.</param>
    /// <param name="limits">Limits on the archive.</param>
    /// <param name="progress">Receives the progress of every layer.</param>
    /// <param name="cancellationToken">Ends the work; no layer stays.</param>
    public static async Task<StreamedArchive> ReadAsync(
        string origin,
        Stream source,
        IImageTarget target,
        Limits limits,
        IProgress<TransferProgress>? progress,
        CancellationToken cancellationToken)
    {
        var archive = new StreamedArchive(origin, target, limits);
        try
        {
            using var reader = new ArchiveReader(source, limits);
            while (await reader.NextAsync(cancellationToken).ConfigureAwait(false) is { } member)
            {
                await archive.TakeAsync(reader, member, progress, cancellationToken).ConfigureAwait(false);
            }

            await reader.DrainAsync(cancellationToken).ConfigureAwait(false);
            return archive;
        }
        catch (BlobsException fault) when (fault is MalformedDataException or LimitExceededException or SystemCallException)
        {
            throw ArchiveDocuments.Named(origin, fault);
        }
    }

    /// <summary>Opens documents only: a streamed layer cannot be opened again.</summary>
    public Stream? TryOpen(string name, out long length)
    {
        byte[]? document = _documents.GetValueOrDefault(Resolve(name));
        length = document?.Length ?? 0;
        return document is null ? null : new MemoryStream(document, writable: false);
    }

    public DiffId? SeenLayer(string name) => SummaryOf(name)?.DiffId;

    /// <summary>The summary of a streamed layer; null when no layer had that name.</summary>
    /// <exception cref="BlobsException">It is damaged.</exception>
    public LayerSummary? SummaryOf(string name) => _faults.TryGetValue(Resolve(name), out BlobsException? fault)
        ? throw ArchiveDocuments.Named($"{Origin}: {ArchiveDocuments.Shown(name)}", fault)
        : _layers.GetValueOrDefault(Resolve(name));

    /// <summary>Whether any member of the archive was unpacked to this layer.</summary>
    public bool HasUnpacked(DiffId layer) => _layers.Values.Any(summary => summary.DiffId == layer);

    /// <summary>Opens the tar of a streamed layer.</summary>
    public ValueTask<Stream> ReopenAsync(DiffId layer, CancellationToken cancellationToken) =>
        _target.OpenUnpackedAsync(layer, cancellationToken);

    /// <summary>Nothing to do: the target has the layers.</summary>
    public void Dispose()
    {
    }

    private async Task TakeAsync(
        ArchiveReader reader, ArchiveMember member, IProgress<TransferProgress>? progress, CancellationToken cancellationToken)
    {
        if (ArchiveName.DirectoryOf(member) is { } directory)
        {
            _directories.Add(directory);
        }

        if (member.IsLink)
        {
            _links[member.Name] = member.Target;
            return;
        }

        if (!member.IsFile)
        {
            return;
        }

        var content = new PeekedStream(member.Content(reader.OpenContent()));
        await using (content.ConfigureAwait(false))
        {
            ReadOnlyMemory<byte> prefix = await content.PeekAsync(TarLayout.BlockBytes, cancellationToken).ConfigureAwait(false);
            if (!prefix.Span.Contains((byte)0) && member.Length <= _limits.ConfigBytes && !IsCompressed(prefix.Span))
            {
                await KeepAsync(member, content, cancellationToken).ConfigureAwait(false);
            }
            else if (IsCompressed(prefix.Span) || IsTar(prefix.Span))
            {
                await IngestAsync(member, content, progress, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    // Keeps a document. Zero bytes distinguish layers from documents: JSON has none, and every tar has one in its first
    // block.
    private async Task KeepAsync(ArchiveMember member, PeekedStream content, CancellationToken cancellationToken)
    {
        _documentBytes += member.Length;
        if (_documentBytes > _limits.ArchiveDocumentBytes)
        {
            Throw.LimitExceeded(nameof(Limits.ArchiveDocumentBytes), _limits.ArchiveDocumentBytes, "the documents of the archive");
        }

        byte[] document = new byte[member.Length];
        await content.ReadExactlyAsync(document, cancellationToken).ConfigureAwait(false);
        _documents[member.Name] = document;
    }

    private async Task IngestAsync(
        ArchiveMember member, PeekedStream content, IProgress<TransferProgress>? progress, CancellationToken cancellationToken)
    {
        var report = new TransferReport(progress, member.Name, member.Length);
        _faults.Remove(member.Name);
        _layers.Remove(member.Name);
        try
        {
            _layers.Add(member.Name, await _target.UnpackAsync(content, report, cancellationToken).ConfigureAwait(false));
            report.Report(TransferStep.Done, member.Length);
        }
        catch (Exception fault) when (fault is MalformedDataException or LimitExceededException)
        {
            _faults[member.Name] = (BlobsException)fault;
        }
    }

    private string Resolve(string name)
    {
        string key = ArchiveName.Clean(name);
        for (int i = 0; i < LinksMax && _links.TryGetValue(key, out string? target); i++)
        {
            key = target;
        }

        return key;
    }

    private static bool IsCompressed(ReadOnlySpan<byte> prefix) => CompressionDetector.Detect(prefix) != CompressionKind.None;

    private static bool IsTar(ReadOnlySpan<byte> prefix) => prefix.Length == TarLayout.BlockBytes
        && (!prefix.ContainsAnyExcept((byte)0) || TarHeader.HasValidChecksum(prefix));
}

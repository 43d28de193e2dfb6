using System.Runtime.Versioning;
using Blobs.Compression;
using Blobs.Compression.Internal;
using Blobs.Docker.Layers;
using Blobs.Errors;
using Blobs.Errors.Internal;
using Blobs.Hashing;
using Blobs.Images;
using Blobs.Images.Internal;
using Blobs.Pipeline;
using Blobs.Tar.Internal;

namespace Blobs.Transfer;

/// <summary>
/// An archive of images that goes by once. Its layers come before the documents that say what they are: each is unpacked as it passes,
/// detached from everything, and found again by its name when the documents are known. Nothing is kept of it besides.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed class StreamedArchive : IArchiveFiles
{
    private const int LinksMax = 8;

    private readonly LayerStore _store;
    private readonly Dictionary<string, byte[]> _documents = [];
    private readonly Dictionary<string, string> _links = [];
    private readonly HashSet<string> _directories = [];
    private readonly Dictionary<string, DetachedLayer> _layers = [];

    // Members that look like layers and are none, or damaged ones: which of the two, only the documents say.
    private readonly Dictionary<string, BlobsException> _faults = [];
    private long _documentBytes;

    private StreamedArchive(string origin, LayerStore store)
    {
        Origin = origin;
        _store = store;
    }

    public string Origin { get; }

    public IEnumerable<string> Directories => _directories;

    /// <summary>Reads an archive to its end.</summary>
    /// <param name="origin">What to call it in errors.</param>
    /// <param name="source">A tar, not compressed; stays its owner's.</param>
    /// <param name="store">Where the layers go.</param>
    /// <param name="progress">Told about every layer.</param>
    /// <param name="cancellationToken">Ends the work; no layer stays.</param>
    public static async Task<StreamedArchive> ReadAsync(
        string origin, Stream source, LayerStore store, IProgress<TransferProgress>? progress, CancellationToken cancellationToken)
    {
        var archive = new StreamedArchive(origin, store);
        try
        {
            using var reader = new ArchiveReader(source, store.Limits);
            while (await reader.NextAsync(cancellationToken).ConfigureAwait(false) is { } member)
            {
                await archive.TakeAsync(reader, member, progress, cancellationToken).ConfigureAwait(false);
            }

            await reader.DrainAsync(cancellationToken).ConfigureAwait(false);
            return archive;
        }
        catch (Exception fault)
        {
            archive.Dispose();
            if (fault is MalformedDataException or LimitExceededException or SystemCallException)
            {
                throw ArchiveDocuments.Named(origin, (BlobsException)fault);
            }

            throw;
        }
    }

    /// <summary>Documents only: a layer that went by cannot be opened.</summary>
    public Stream? TryOpen(string name, out long length)
    {
        byte[]? document = _documents.GetValueOrDefault(Resolve(name));
        length = document?.Length ?? 0;
        return document is null ? null : new MemoryStream(document, writable: false);
    }

    public DiffId? SeenLayer(string name) => SeenAs(name)?.DiffId;

    /// <summary>What was seen of a layer when it went by; null when nothing of that name was one.</summary>
    /// <exception cref="BlobsException">It is damaged.</exception>
    public LayerSummary? SeenAs(string name) => _faults.TryGetValue(Resolve(name), out BlobsException? fault)
        ? throw ArchiveDocuments.Named($"{Origin}: {ArchiveDocuments.Shown(name)}", fault)
        : _layers.GetValueOrDefault(Resolve(name))?.Summary;

    /// <summary>The layer of that name, to be committed. When it was committed already, upon another layer or to another image,
    /// its tar is in the store: then null.</summary>
    public DetachedLayer? TakeLayer(string name) =>
        _layers.GetValueOrDefault(Resolve(name)) is { IsCommitted: false } layer ? layer : null;

    /// <summary>The tar of a layer that went by and has been committed since.</summary>
    public Task<Stream> ReopenAsync(DiffId layer, CancellationToken cancellationToken) =>
        _store.OpenTarAsync(_store.Find($"{layer}").ChainId, cancellationToken);

    public void Dispose()
    {
        foreach (DetachedLayer layer in _layers.Values)
        {
            layer.Dispose();
        }
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
            if (!prefix.Span.Contains((byte)0) && member.Length <= _store.Limits.ConfigBytes && !IsCompressed(prefix.Span))
            {
                await KeepAsync(member, content, cancellationToken).ConfigureAwait(false);
            }
            else if (IsCompressed(prefix.Span) || IsTar(prefix.Span))
            {
                await IngestAsync(member, content, progress, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    // JSON has no zero byte, and every tar has one in its first block.
    private async Task KeepAsync(ArchiveMember member, PeekedStream content, CancellationToken cancellationToken)
    {
        _documentBytes += member.Length;
        if (_documentBytes > _store.Limits.ArchiveDocumentBytes)
        {
            Throw.LimitExceeded(
                nameof(Limits.ArchiveDocumentBytes), _store.Limits.ArchiveDocumentBytes, "the documents of the archive");
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
        if (_layers.Remove(member.Name, out DetachedLayer? earlier))
        {
            earlier.Dispose();
        }

        try
        {
            _layers.Add(member.Name, await _store.IngestDetachedAsync(
                content, new LayerIngestOptions { Progress = report }, letsOthersWrite: false, cancellationToken).ConfigureAwait(false));
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

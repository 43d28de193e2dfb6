using System.Runtime.Versioning;
using Blobs.Compression;
using Blobs.Distribution.Client;
using Blobs.Errors;
using Blobs.Hashing;
using Blobs.Images;
using Blobs.Images.Internal;
using Blobs.Oci;

namespace Blobs.Distribution.Images;

/// <summary>
/// Sends the layers of one image to a repository with as little traffic as possible. If the repository has a blob of
/// the layer, nothing is sent. Otherwise, a blob in another repository of the registry is mounted. Otherwise, a kept
/// blob is sent unchanged. As a last resort, the tar is compressed and sent.
/// </summary>
/// <param name="repository">The target repository.</param>
/// <param name="image">The image.</param>
/// <param name="options">Compression and parallelism.</param>
/// <param name="format">Format of the manifest that will refer to the layers.</param>
/// <param name="taken">Blobs of new layers that the repository has taken, with OCI media types.</param>
/// <param name="history">Known blobs of the layers; null when there are no records.</param>
/// <param name="progress">Receives the progress of every layer.</param>
[SupportedOSPlatform("linux")]
internal sealed class LayerSender(
    RegistryRepository repository,
    IImageSource image,
    PushOptions options,
    ManifestFormat format,
    IReadOnlyDictionary<DiffId, Descriptor> taken,
    IBlobHistory? history,
    IProgress<TransferProgress>? progress)
{
    private readonly CompressionKind _compression = options.Compression ?? CompressionKind.Gzip;

    /// <summary>Ensures that the repository has the layer. Returns its descriptor, and whether it had to be
    /// sent.</summary>
    public async Task<(Descriptor Layer, bool IsSent)> SendAsync(ImageLayer layer, CancellationToken cancellationToken)
    {
        if (taken.TryGetValue(layer.DiffId, out Descriptor? made))
        {
            return (LayerTypes.Convert(made, format), true);
        }

        var report = new TransferReport(progress, $"{layer.DiffId}", layer.GetLength());
        if (layer.Descriptor is { } blob && options.Compression is null)
        {
            var known = await SendKnownAsync(layer, blob, report, cancellationToken).ConfigureAwait(false);
            history?.Note(layer.DiffId, known.Layer.Digest);
            return known;
        }

        Descriptor? found = history is null ? null : await FindAsync(layer, report, cancellationToken).ConfigureAwait(false);
        if (found is not null)
        {
            history!.Note(layer.DiffId, found.Digest);
            return (found, false);
        }

        Descriptor sent = await SendKeptAsync(layer.DiffId, report, cancellationToken).ConfigureAwait(false)
            ?? await CompressAsync(layer, cancellationToken).ConfigureAwait(false);
        history?.Note(layer.DiffId, sent.Digest);
        return (sent, true);
    }

    // The source has a manifest, and provides the layers' blobs unchanged.
    private async Task<(Descriptor Layer, bool IsSent)> SendKnownAsync(
        ImageLayer layer, Descriptor known, TransferReport report, CancellationToken cancellationToken)
    {
        bool isNamedAnew = image.Manifest is null || MediaTypes.FormatOf(image.Manifest.MediaType) != format;
        Descriptor named = isNamedAnew ? LayerTypes.Convert(known, format) : known;
        if (known.IsForeignLayer)
        {
            report.Report(TransferStep.Skipped, 0);
            return (named, false);
        }

        if (await repository.HasBlobAsync(known.Digest, cancellationToken).ConfigureAwait(false))
        {
            report.Report(TransferStep.Exists, 0);
            return (named, false);
        }

        string? name = layer.Repository ?? image.Repository;
        bool isNeighbour = name is not null && name != repository.Name
            && name.StartsWith($"{repository.Domain}/", StringComparison.Ordinal);
        string? from = isNeighbour ? name![(repository.Domain.Length + 1)..] : null;
        if (from is not null && await TryMountAsync(known.Digest, from, cancellationToken).ConfigureAwait(false))
        {
            report.Report(TransferStep.Mounted, 0);
            return (named, false);
        }

        await repository.PutBlobAsync(
            known,
            async token => Counted(await layer.OpenAsync(token).ConfigureAwait(false), report),
            cancellationToken).ConfigureAwait(false);
        report.Report(TransferStep.Done, known.Size);
        return (named, true);
    }

    // The order is dockerd's: check the best known blob, try mounts, then check more blobs. A larger layer gets more
    // attempts.
    private async Task<Descriptor?> FindAsync(ImageLayer layer, TransferReport report, CancellationToken cancellationToken)
    {
        IReadOnlyList<KnownBlob> sources = history!.SourcesOf(layer.DiffId);
        PushEffort effort = PushEffort.For(layer.GetLength());
        var looks = new Looks();
        if (await LookAsync(sources, looks, 1, cancellationToken).ConfigureAwait(false) is { } best)
        {
            report.Report(TransferStep.Exists, 0);
            return best;
        }

        foreach (KnownBlob source in sources.Where(source => MountFrom(source) is not null).Take(effort.Mounts))
        {
            if (await TryMountAsync(source.Digest, MountFrom(source)!, cancellationToken).ConfigureAwait(false))
            {
                long? size = await repository.FindBlobAsync(source.Digest, cancellationToken).ConfigureAwait(false);
                if (size is { } bytes && await DescribeAsync(source.Digest, bytes, cancellationToken).ConfigureAwait(false) is { } mounted)
                {
                    report.Report(TransferStep.Mounted, 0);
                    return mounted;
                }
            }
            else
            {
                source.Forget();
            }
        }

        IEnumerable<KnownBlob> rest = sources.Where(source => effort.LooksEverywhere || source.Repository == repository.Name);
        Descriptor? found = await LookAsync(rest, looks, effort.Looks, cancellationToken).ConfigureAwait(false);
        if (found is not null)
        {
            report.Report(TransferStep.Exists, 0);
        }

        return found;
    }

    private string? MountFrom(KnownBlob source) => source.MountPath(repository.Name, repository.Domain);

    private async Task<Descriptor?> LookAsync(
        IEnumerable<KnownBlob> sources, Looks looks, int missesMax, CancellationToken cancellationToken)
    {
        foreach (KnownBlob source in sources)
        {
            if (looks.Misses >= missesMax)
            {
                break;
            }

            if (!looks.Digests.Add(source.Digest))
            {
                continue;
            }

            if (await repository.FindBlobAsync(source.Digest, cancellationToken).ConfigureAwait(false) is not { } size)
            {
                looks.Misses++;
                if (source.Repository == repository.Name)
                {
                    source.Forget();
                }
            }
            else if (await DescribeAsync(source.Digest, size, cancellationToken).ConfigureAwait(false) is { } found)
            {
                return found;
            }
        }

        return null;
    }

    // Describes a blob of the repository; null if it does not have the requested compression, or if the manifest format
    // has no media type for it.
    private async Task<Descriptor?> DescribeAsync(Digest digest, long size, CancellationToken cancellationToken)
    {
        byte[] start = await repository.ReadBlobStartAsync(
            digest, CompressionDetector.PrefixBytes, cancellationToken).ConfigureAwait(false);
        return Describe(digest, size, start);
    }

    // Sends a kept blob of the layer, if there is one.
    private async Task<Descriptor?> SendKeptAsync(DiffId layer, TransferReport report, CancellationToken cancellationToken)
    {
        if (history is null)
        {
            return null;
        }

        foreach (Digest digest in history.SourcesOf(layer).Select(source => source.Digest).Distinct().Where(history.Kept.Contains))
        {
            if (DescribeKept(digest) is { } blob)
            {
                await repository.PutBlobAsync(
                    blob,
                    _ => ValueTask.FromResult<Stream>(Counted(history.Kept.OpenRead(digest), report)),
                    cancellationToken).ConfigureAwait(false);
                report.Report(TransferStep.Done, blob.Size);
                return blob;
            }
        }

        return null;
    }

    private Descriptor? DescribeKept(Digest digest)
    {
        using Stream blob = history!.Kept.OpenRead(digest);
        byte[] start = new byte[CompressionDetector.PrefixBytes];
        int read = blob.ReadAtLeast(start, start.Length, throwOnEndOfStream: false);
        return Describe(digest, blob.Length, start.AsSpan(0, read));
    }

    private Descriptor? Describe(Digest digest, long size, ReadOnlySpan<byte> start)
    {
        try
        {
            CompressionKind kind = CompressionDetector.Detect(start);
            string? type = LayerTypes.Of(kind, format);
            bool isWanted = options.Compression is null || options.Compression == kind;
            return isWanted && type is not null ? new Descriptor { MediaType = type, Digest = digest, Size = size } : null;
        }
        catch (MalformedDataException)
        {
            // A manifest must not name such a blob.
            return null;
        }
    }

    private async Task<Descriptor> CompressAsync(ImageLayer layer, CancellationToken cancellationToken)
    {
        var copy = new LayerCopy(layer, _compression, _compression, progress);
        return await repository.PutBlobAsync(WriteAsync, cancellationToken).ConfigureAwait(false);

        async Task<Descriptor> WriteAsync(Stream target, CancellationToken token)
        {
            WrittenBlob blob = await copy.WriteAsync(target, known: null, token).ConfigureAwait(false);
            return new Descriptor { MediaType = LayerTypes.Of(_compression, format)!, Digest = blob.Digest, Size = blob.Length };
        }
    }

    private static CountedStream Counted(Stream source, TransferReport report) =>
        new CountedStream(source, read => report.Report(TransferStep.Reading, read));

    // If the registry refuses a mount, the bytes are sent instead.
    private async Task<bool> TryMountAsync(Digest digest, string from, CancellationToken cancellationToken)
    {
        try
        {
            return await repository.MountBlobAsync(digest, from, cancellationToken).ConfigureAwait(false);
        }
        catch (RegistryException refused) when (refused.Status is not null)
        {
            return false;
        }
    }

    /// <summary>The blobs checked for one layer, and how many of them the repository did not have.</summary>
    private sealed class Looks
    {
        public HashSet<Digest> Digests { get; } = [];

        public int Misses { get; set; }
    }
}

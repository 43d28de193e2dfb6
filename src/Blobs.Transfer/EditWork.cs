using System.Runtime.Versioning;
using Blobs.Distribution.Client;
using Blobs.Errors;
using Blobs.Images;
using Blobs.Oci;

namespace Blobs.Transfer;

/// <summary>What the making and changing of manifests shares: the client, the target, and the count of what was
/// copied.</summary>
[SupportedOSPlatform("linux")]
internal sealed class EditWork : IDisposable
{
    private readonly RegistryClient? _own;
    private readonly IProgress<TransferProgress>? _progress;
    private CopyResult? _copied;

    private EditWork(RegistryClient? own, CopyOptions options, IProgress<TransferProgress>? progress)
    {
        _own = own;
        Options = options;
        _progress = progress;
    }

    /// <summary>The options, with a client.</summary>
    public CopyOptions Options { get; }

    public static EditWork Begin(ImagePlace target, CopyOptions? options, IProgress<TransferProgress>? progress)
    {
        options ??= new CopyOptions();
        OpenTarget.RefuseStream(target);
        if (!target.KeepsManifests)
        {
            throw new MalformedDataException(
                Fault.ReferenceSyntax, 0, $"{target}: holds images only; manifests need a registry or an OCI layout");
        }

        RegistryClient? own = options.Client is null ? new RegistryClient() : null;
        return new EditWork(own, options with { Client = options.Client ?? own }, progress);
    }

    /// <summary>Opens what a place names.</summary>
    public async Task<NamedManifest> OpenAsync(ImagePlace place, CancellationToken cancellationToken) =>
        await NamedManifest.TryOpenAsync(place, Options.Client!, Options.Limits, cancellationToken).ConfigureAwait(false)
            ?? throw new MalformedDataException(
                Fault.ReferenceSyntax, 0, $"{place}: names no single manifest; name one in a registry or an OCI layout");

    public ManifestCopier CopierOf(IManifestSource source, IManifestTarget target) =>
        new(source, target, Options.Limits, Options.WithReferrers, _progress);

    /// <summary>Adds what a copier did to the result.</summary>
    public void Count(ManifestCopier copier)
    {
        CopyResult more = copier.Summarize(default);
        _copied = _copied is null ? more : _copied with
        {
            Manifests = _copied.Manifests + more.Manifests,
            NewManifests = _copied.NewManifests + more.NewManifests,
            NewBlobs = _copied.NewBlobs + more.NewBlobs,
            SentBytes = _copied.SentBytes + more.SentBytes,
        };
    }

    /// <summary>Puts the new manifest under its name, and commits.</summary>
    public async Task<CopyResult> FinishAsync(
        Manifest manifest, ManifestName name, IManifestTarget target, CancellationToken cancellationToken)
    {
        bool isThere = await target.HasAsync(manifest.Digest, name, cancellationToken).ConfigureAwait(false);
        bool isNew = !isThere && await target.PutAsync(manifest, manifest.Digest, name, cancellationToken).ConfigureAwait(false);
        await target.CommitAsync(cancellationToken).ConfigureAwait(false);
        CopyResult copied = _copied ?? new CopyResult { Digest = default, Manifests = 0 };
        return copied with
        {
            Digest = manifest.Digest,
            Manifests = copied.Manifests + 1,
            NewManifests = copied.NewManifests + (isNew ? 1 : 0),
        };
    }

    public void Dispose() => _own?.Dispose();
}

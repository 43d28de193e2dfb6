using System.Runtime.Versioning;
using Blobs.Files;
using Blobs.Hashing;
using Blobs.Oci;

namespace Blobs.Transfer;

/// <summary>An OCI layout, a folder or an archive, that takes manifests and blobs as they are.</summary>
/// <param name="writer">Writes the layout.</param>
/// <param name="file">The archive's file, committed with it; null for a folder.</param>
[SupportedOSPlatform("linux")]
internal sealed class LayoutManifestTarget(ILayoutWriter writer, OutputFile? file) : IManifestTarget
{
    private readonly LayoutEntries _entries = new(writer.Index);

    public int BlobsAtOnce => 1;

    // Nobody promises that a layout is complete, and looking for its files costs little.
    public Task<bool> HasAsync(Descriptor manifest, CancellationToken cancellationToken) => Task.FromResult(false);

    public Task<bool> HasAsync(Digest manifest, ManifestName name, CancellationToken cancellationToken) => Task.FromResult(false);

    public Task<IReadOnlySet<Digest>> ReferrersAsync(Digest subject, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlySet<Digest>>(new HashSet<Digest>());

    public Task<bool> HasBlobAsync(Digest blob, CancellationToken cancellationToken) => Task.FromResult(writer.Contains(blob));

    public Task<bool> TryMountAsync(Digest blob, string repository, CancellationToken cancellationToken) => Task.FromResult(false);

    public Task PutBlobAsync(Descriptor blob, Func<CancellationToken, ValueTask<Stream>> open, CancellationToken cancellationToken) =>
        writer.WriteAsync(blob.Digest, blob.Size, async target =>
        {
            Stream source = await open(cancellationToken).ConfigureAwait(false);
            await using (source.ConfigureAwait(false))
            {
                await source.CopyToAsync(target, cancellationToken).ConfigureAwait(false);
            }
        });

    public Task<bool> PutAsync(Manifest manifest, Digest digest, ManifestName? name, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        bool isNew = !writer.Contains(digest);
        writer.Write(digest, manifest.Bytes.Span);
        if (name is not null || manifest.Subject is not null)
        {
            string? artifactType = manifest is ImageManifest { IsImage: false } ? manifest.ArtifactType : null;
            _entries.Add(manifest.Describe() with { Digest = digest, ArtifactType = artifactType }, name ?? new ManifestName(null, []));
        }

        return Task.FromResult(isNew);
    }

    public Task CommitAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        writer.Commit(_entries.ToIndex(), []);
        file?.Commit();
        return Task.CompletedTask;
    }

    public async ValueTask DisposeAsync()
    {
        await writer.DisposeAsync().ConfigureAwait(false);
        if (file is not null)
        {
            await file.DisposeAsync().ConfigureAwait(false);
        }
    }
}

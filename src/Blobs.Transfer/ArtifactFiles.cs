using Blobs.Hashing;
using Blobs.Images;
using Blobs.Oci;

namespace Blobs.Transfer;

/// <summary>The files of an artifact that is yet to be sent, as a source of blobs.</summary>
internal sealed class ArtifactFiles(OciArtifact artifact) : IManifestSource
{
    public string Origin => artifact.ArtifactType;

    public string? Repository => null;

    public Task<Manifest?> TryGetAsync(Descriptor manifest, CancellationToken cancellationToken) => Task.FromResult<Manifest?>(null);

    public Task<Manifest?> TryGetAsync(string tag, CancellationToken cancellationToken) => Task.FromResult<Manifest?>(null);

    public Task<IReadOnlyList<Descriptor>> ReferrersAsync(Digest subject, CancellationToken cancellationToken) =>
        Task.FromResult<IReadOnlyList<Descriptor>>([]);

    public async Task<Stream?> TryOpenAsync(Descriptor blob, CancellationToken cancellationToken)
    {
        ArtifactFile? file = artifact.Files.FirstOrDefault(one => one.Descriptor.Digest == blob.Digest);
        Stream? content = file is not null ? await file.Open(cancellationToken).ConfigureAwait(false)
            : blob.Digest == Descriptor.Empty.Digest ? new MemoryStream("{}"u8.ToArray(), writable: false)
            : null;
        return content is null ? null : new VerifyingStream(content, blob.Digest, blob.Size);
    }

    public void Dispose()
    {
    }
}

using System.Globalization;
using Blobs.Containerd.Api;
using Blobs.Hashing;
using Blobs.Oci;
using Grpc.Core;

namespace Blobs.Containerd;

/// <summary>Gives an image its names, in the way of its namespace.</summary>
internal sealed class NameWriter(ContainerdStore store, Services services, ImageConfig config, ImageManifest manifest)
{
    // The namespace of Docker's containerd image store.
    private const string Docker = "moby";

    /// <summary>Makes the names. Kubernetes also has one for the config and one with the digest.</summary>
    /// <returns>Names that referred to another image before, with its digest.</returns>
    public async Task<IReadOnlyList<KeyValuePair<ImageReference, Digest>>> RunAsync(
        IReadOnlyList<ImageReference> names, CancellationToken cancellationToken)
    {
        if (names.FirstOrDefault(name => name.Digest is { } digest && digest != manifest.Digest) is { } wrong)
        {
            throw new DigestMismatchException($"name {wrong}: manifest", $"{wrong.Digest}", $"{manifest.Digest}", manifest.Bytes.Length);
        }

        var renamed = new List<KeyValuePair<ImageReference, Digest>>();
        bool isKubernetes = store.Namespace == ImageWriter.Kubernetes;
        if (isKubernetes)
        {
            await SetAsync($"{config.Id}", cancellationToken).ConfigureAwait(false);
        }
        else if (names.Count == 0)
        {
            await SetAsync(Nameless(), cancellationToken).ConfigureAwait(false);
        }

        foreach (ImageReference name in names)
        {
            if (isKubernetes)
            {
                await SetAsync($"{name.WithDigest(manifest.Digest)}", cancellationToken).ConfigureAwait(false);
            }

            if (await TargetOfAsync($"{name}", cancellationToken).ConfigureAwait(false) is { } old && old != manifest.Digest)
            {
                renamed.Add(KeyValuePair.Create(name, old));
            }

            await SetAsync($"{name}", cancellationToken).ConfigureAwait(false);
        }

        return renamed;
    }

    private Task SetAsync(string name, CancellationToken cancellationToken) => ImageWriter.SetAsync(
        services, name, manifest.Describe(), ImageWriter.LabelsIn(store.Namespace), cancellationToken);

    // As Docker, and elsewhere ctr, call an image that has no name.
    private string Nameless()
    {
        DateTimeOffset today = TimeProvider.System.GetUtcNow();
        string prefix = store.Namespace == Docker
            ? "moby-dangling"
            : $"import-{today.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture)}";
        return $"{prefix}@{manifest.Digest}";
    }

    private async Task<Digest?> TargetOfAsync(string name, CancellationToken cancellationToken)
    {
        try
        {
            GetImageResponse found = await services.Images
                .GetAsync(new GetImageRequest { Name = name }, cancellationToken: cancellationToken).ConfigureAwait(false);
            return Digest.TryParse(found.Image?.Target?.Digest, null, out Digest digest) ? digest : null;
        }
        catch (RpcException fault) when (fault.StatusCode == StatusCode.NotFound)
        {
            return null;
        }
    }
}

using System.Runtime.Versioning;
using Blobs.Containerd;
using Blobs.ContainersStorage;
using Blobs.Docker.Verification;
using Blobs.Transfer;
using Blobs.Verification;

namespace Blobs.Cli.Stores;

/// <summary>Verifies a store of an engine. A damaged one cannot always be opened as an <see cref="ImageStore"/>.</summary>
[SupportedOSPlatform("linux")]
internal static class ImageVerification
{
    public static async Task<VerifyReport> RunAsync(ImagePlace place, VerifyOptions options, CancellationToken cancellationToken)
    {
        switch (place.Transport)
        {
            case ImageTransport.DockerData:
                string path = Path.GetFullPath(place.Path);
                using (await RootAccess.ReadAsync(path, cancellationToken).ConfigureAwait(false))
                {
                    return await RootVerifier.RunAsync(path, options, cancellationToken).ConfigureAwait(false);
                }

            case ImageTransport.ContainersStorage:
                ContainersStore store = ContainersStore.Open(place.Path.Length > 0 ? place.Path : ContainersStore.DefaultRoot);
                return await ContainersStoreVerifier.RunAsync(store, options, cancellationToken).ConfigureAwait(false);
            case ImageTransport.Containerd:
                using (ContainerdStore containerd = ContainerdStore.Open(place.Address, place.Path))
                {
                    return await ContainerdVerifier.RunAsync(containerd, options, cancellationToken).ConfigureAwait(false);
                }

            default:
                throw new WorkFailedException($"{place}: holds layers without digests of their own, which cannot be verified");
        }
    }
}

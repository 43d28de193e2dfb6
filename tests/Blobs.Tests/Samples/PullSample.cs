using Blobs.Distribution.Client;
using Blobs.Docker;
using Blobs.Oci;
using Blobs.Transfer;

namespace Blobs.Tests.Samples;

/// <summary>Shown in README.md. Compiled only: it speaks to a registry.</summary>
internal static class PullSample
{
    public static async Task RunAsync(string dataRoot)
    {
        using var client = new RegistryClient();
        DockerRoot root = DockerRoot.Open(dataRoot);
        await ImagePuller.PullAsync(client, ImageReference.Parse("alpine:3.20"), root);
    }
}

using Blobs.Client;
using Blobs.Engine;
using Blobs.Oci;
using Blobs.Transfer;

namespace Blobs.Tests.Samples;

/// <summary>Shown in README.md. Compiled only: it speaks to a registry.</summary>
internal static class PullSample
{
    public static async Task RunAsync(string dataRoot)
    {
        using var client = new RegistryClient();
        EngineRoot root = EngineRoot.Open(dataRoot);
        await ImagePull.RunAsync(client, ImageReference.Parse("alpine:3.20"), root);
    }
}

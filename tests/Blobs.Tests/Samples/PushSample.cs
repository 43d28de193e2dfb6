using Blobs.Distribution.Client;
using Blobs.Docker;
using Blobs.Oci;
using Blobs.Transfer;

namespace Blobs.Tests.Samples;

/// <summary>Shown in src/Blobs.Transfer/README.md. Compiled only: it speaks to two registries.</summary>
internal static class PushSample
{
    public static async Task RunAsync(string dataRoot)
    {
        using var client = new RegistryClient();
        DockerRoot root = DockerRoot.Open(dataRoot);
        ImageReference there = ImageReference.Parse("alpine:3.20"), here = ImageReference.Parse("127.0.0.1:5000/alpine:3.20");
        await ImagePuller.PullAsync(client, there, root);
        await root.TagAsync(root.Find("alpine:3.20"), here);
        await ImagePusher.PushAsync(root, here, client);
    }
}

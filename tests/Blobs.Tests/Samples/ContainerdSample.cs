using Blobs.Containerd;

namespace Blobs.Tests.Samples;

/// <summary>Shown in src/Blobs.Containerd/README.md.</summary>
internal static class ContainerdSample
{
    public static async Task RunAsync(string imageName)
    {
        using ContainerdStore store = ContainerdStore.Open();
        foreach (ContainerdImage image in await store.ListAsync())
        {
            Console.WriteLine($"{image.Name} {image.Target.Digest}");
        }

        ContainerdImageSource source = await store.OpenAsync(imageName);
        await using Stream blob = await source.Layers[0].OpenAsync();
    }
}

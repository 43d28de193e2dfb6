using Blobs.ContainersStorage;

namespace Blobs.Tests.Samples;

/// <summary>Shown in src/Blobs.ContainersStorage/README.md.</summary>
internal static class ContainersStoreSample
{
    public static async Task RunAsync(string storeRoot, string imageName)
    {
        ContainersStore store = ContainersStore.Open(storeRoot);
        foreach (StoredImage image in await store.ListAsync())
        {
            Console.WriteLine($"{image.Id} {string.Join(", ", image.Names)}");
        }

        ContainersImageSource source = await store.OpenAsync(imageName);
        await using Stream tar = await source.Layers[0].OpenAsync();
    }
}

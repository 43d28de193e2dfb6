using Blobs.Distribution.Storage;

namespace Samples;

/// <summary>Shown in src/Blobs.Distribution/README.md.</summary>
internal static class StoreSample
{
    public static async Task<IReadOnlyList<string>> RunAsync(string store)
    {
        var registry = new RegistryStore(new FileSystemStorage(store));
        RegistryListing<string> repositories = await registry.ListRepositoriesAsync(new RegistryPage());
        Console.WriteLine(string.Join('\n', repositories.Items));
        return repositories.Items;
    }
}

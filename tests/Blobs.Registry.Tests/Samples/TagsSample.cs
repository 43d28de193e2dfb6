using Blobs.Distribution.Client;
using Blobs.Oci;

namespace Samples;

/// <summary>Shown in src/Blobs.Distribution/README.md.</summary>
internal static class TagsSample
{
    public static async Task<IReadOnlyList<string>> RunAsync(string repositoryName)
    {
        var tags = new List<string>();
        using var client = new RegistryClient();
        RegistryRepository repository = client.Repository(ImageReference.Parse(repositoryName));
        await foreach (string tag in repository.TagsAsync())
        {
            Manifest manifest = await repository.GetManifestAsync(tag);
            Console.WriteLine($"{tag} {manifest.Digest} {manifest.MediaType}");
            tags.Add(tag);
        }

        return tags;
    }
}

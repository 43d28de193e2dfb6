using System.Collections.Concurrent;
using System.Text.Json.Serialization;
using Blobs.Docker;
using Blobs.Images;

namespace Blobs.Samples;

/// <summary>
/// A service that answers which images of a Docker data root have a file: <c>GET /files?name=libssl.so.3</c> or
/// <c>GET /files?name=/etc/passwd</c>. It reads every image once, without unpacking it, and keeps names only.
/// <code>serve DATA-ROOT URL</code>
/// </summary>
internal static class FileFinder
{
    public static async Task<int> RunAsync(string[] args)
    {
        var files = new ConcurrentDictionary<string, ConcurrentBag<FoundFile>>();
        DockerRoot root = DockerRoot.Open(args[0]);
        foreach (ImageSummary image in root.List())
        {
            var source = new DockerImageSource(root, image.Image);
            ImageEntry tree = await new ImageFileSystem(source.Layers).ReadTreeAsync();
            string name = image.Tags is [var first, ..] ? first.Familiar : $"{image.Image.Id}";
            foreach (ImageEntry entry in Below(tree).Where(entry => !entry.File.IsDirectory))
            {
                var found = new FoundFile(name, $"{entry}", entry.File.Size, $"{image.Image.Config.DiffIds[entry.File.Layer]}");
                files.GetOrAdd(found.Path, _ => []).Add(found);
                files.GetOrAdd(Path.GetFileName(found.Path), _ => []).Add(found);
            }
        }

        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Services.ConfigureHttpJsonOptions(json => json.SerializerOptions.TypeInfoResolverChain.Insert(0, FoundJson.Default));
        WebApplication app = builder.Build();
        app.Urls.Add(args[1]);
        app.MapGet("/files", (string name) => files.TryGetValue(name, out ConcurrentBag<FoundFile>? found)
            ? Results.Ok(found.OrderBy(file => file.Image).ThenBy(file => file.Path).ToArray())
            : Results.NotFound());
        await app.RunAsync();
        return 0;
    }

    private static IEnumerable<ImageEntry> Below(ImageEntry entry) => entry.Children.SelectMany(child => Below(child).Prepend(child));
}

/// <summary>A file of an image.</summary>
/// <param name="Image">The image's first tag, or its id.</param>
/// <param name="Path">The absolute path.</param>
/// <param name="Size">The size in bytes.</param>
/// <param name="Layer">The layer that it comes from.</param>
internal sealed record FoundFile(string Image, string Path, long Size, string Layer);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(FoundFile[]))]
internal sealed partial class FoundJson : JsonSerializerContext;

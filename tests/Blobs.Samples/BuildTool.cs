using Blobs.Compression;
using Blobs.Distribution.Client;
using Blobs.Distribution.Images;
using Blobs.Images;
using Blobs.Oci;

namespace Blobs.Samples;

/// <summary>
/// A build tool: makes an image of a published .NET application for every platform of its base, and pushes it. It needs
/// neither a Docker daemon nor a temporary file.
/// <code>build bin/Release/net10.0/{rid}/publish APP.dll BASE TARGET:TAG gzip|zstd</code>
/// </summary>
internal static class BuildTool
{
    public static async Task<int> RunAsync(string[] args)
    {
        var (published, program, from, to) = (args[0], args[1], ImageReference.Parse(args[2]), ImageReference.Parse(args[3]));
        var options = new PushOptions { Compression = Enum.Parse<CompressionKind>(args[4], ignoreCase: true) };
        using var client = new RegistryClient();
        RegistryRepository repository = client.Repository(to);
        OciIndex index = OciIndex.Empty;
        foreach (Platform? platform in await PlatformsOfAsync(client, from))
        {
            RegistryImageSource source = await RegistryImageSource.OpenAsync(client, from, platform);
            string folder = published.Replace("{rid}", RuntimeIdentifierOf(source.Config.Platform), StringComparison.Ordinal);
            OciImage image = OciImage.From(source).Append(NewLayer.FromDirectory(folder, "/app")).WithConfig(config => config with
            {
                WorkingDir = "/app/",
                Entrypoint = ["dotnet", $"/app/{program}"],
                Cmd = null,
            });
            string tag = $"{to.Tag}-{image.Platform.Architecture}";
            await using var target = new RegistryImageTarget(client, to.WithTag(tag), options);
            await image.SendAsync(target, []);
            index = index.Add((await repository.FindManifestAsync(tag))! with { Platform = image.Platform });
        }

        await repository.PutManifestAsync(index.ToManifest(), to.Tag);
        Console.WriteLine($"{to} {index.ToManifest().Digest}");
        return 0;
    }

    private static string RuntimeIdentifierOf(Platform platform) =>
        $"{platform.Os}-{(platform.Architecture == "amd64" ? "x64" : platform.Architecture)}";

    // A base without an index is for one platform.
    private static async Task<Platform?[]> PlatformsOfAsync(RegistryClient client, ImageReference name) =>
        await client.Repository(name).GetManifestAsync(name) is ImageIndex index
            ? [.. index.Manifests.Where(manifest => manifest.Platform is { Os: "linux" }).Select(manifest => manifest.Platform)]
            : [null];
}

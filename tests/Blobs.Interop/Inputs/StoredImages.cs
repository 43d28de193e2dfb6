using System.Text.Json;

namespace Blobs.Interop.Inputs;

/// <summary>What a pull leaves for images beside their layers: each configuration under its own digest, and names for them.</summary>
internal static class StoredImages
{
    public static void Write(string root, string driver, params (string Name, IReadOnlyList<string> DiffIds)[] images)
    {
        string home = Path.Combine(root, "image", driver);
        string content = Directory.CreateDirectory(Path.Combine(home, "imagedb", "content", "sha256")).FullName;
        Directory.CreateDirectory(Path.Combine(home, "imagedb", "metadata", "sha256"));
        var repositories = new Dictionary<string, object>();
        foreach ((string name, IReadOnlyList<string> diffIds) in images)
        {
            byte[] config = ImageConfig.Build(diffIds, "/bin/sh");
            string imageId = Sha256Text.Of(config);
            File.WriteAllBytes(Path.Combine(content, imageId["sha256:".Length..]), config);
            repositories[name.Split(':')[0]] = new Dictionary<string, string> { [name] = imageId };
        }

        File.WriteAllBytes(
            Path.Combine(home, "repositories.json"), JsonSerializer.SerializeToUtf8Bytes(new { Repositories = repositories }));
    }
}

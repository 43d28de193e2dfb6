using Blobs.Docker;

namespace Blobs.Tests.Samples;

/// <summary>Shown in src/Blobs.Docker/README.md.</summary>
internal static class ListSample
{
    public static void Run(string dataRoot)
    {
        DockerRoot root = DockerRoot.Open(dataRoot);
        foreach (ImageSummary image in root.List())
        {
            Console.WriteLine($"{image.Image.Id} {string.Join(", ", image.Tags)} {image.Size}");
        }
    }
}

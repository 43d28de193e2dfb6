using Blobs.Images;
using Blobs.Transfer;

namespace Blobs.Tests.Samples;

/// <summary>Shown in src/Blobs.Transfer/README.md.</summary>
internal static class NewImageSample
{
    public static async Task RunAsync(string from, string to)
    {
        await using OpenedSource source = await OpenedSource.OpenAsync(ImagePlace.Parse(from));
        OciImage image = OciImage.From(source.Image!)
            .Append(NewLayer.FromDirectory("publish", "/app"))
            .WithConfig(config => config with { Entrypoint = ["/app/run"], User = "1000" });
        await ImageCopier.SendAsync(image, ImagePlace.Parse(to));
    }
}

using Blobs.Images;
using Blobs.Transfer;

namespace Blobs.Tests.Samples;

/// <summary>Shown in README.md. Compiled only: it speaks to a registry.</summary>
internal static class PushNewImageSample
{
    public static async Task RunAsync()
    {
        await using OpenedSource source = await OpenedSource.OpenAsync(ImagePlace.Parse("docker://127.0.0.1:5000/base:1"));
        OciImage image = OciImage.From(source.Image!)
            .Append(NewLayer.FromDirectory("publish", "/app"))
            .WithConfig(config => config with { Entrypoint = ["/app/run"] });
        await ImageCopier.SendAsync(image, ImagePlace.Parse("docker://127.0.0.1:5000/app:1"));
    }
}

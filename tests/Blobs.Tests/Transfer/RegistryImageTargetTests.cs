using Blobs.Distribution.Client;
using Blobs.Tests.Distribution.Client;
using Blobs.Transfer;
using static Blobs.Tests.Distribution.Client.FakeRegistry;

namespace Blobs.Tests.Transfer;

public sealed class RegistryImageTargetTests
{
    [Fact]
    public async Task A_blob_that_is_there_without_saying_its_size_is_not_sent_again()
    {
        const string Target = "https://target.example/v2/app";
        var fake = new FakeRegistry();
        var image = new RemoteImage(fake, layerCount: 1);
        fake.On("GET https://target.example/v2/", _ => Text("{}"))
            .On($"HEAD {Target}/blobs/{image.Manifest.Layers[0].Digest}", _ => Stream(new BrokenBody([], BrokenBody.End.Early)))
            .On($"HEAD {Target}/blobs/{image.Manifest.Config.Digest}", _ => Stream(new BrokenBody([], BrokenBody.End.Early)))
            .On($"PUT {Target}/manifests/1", _ => Status(201));
        using RegistryClient client = fake.Client();
        CopyResult copied = await ImageCopier.CopyAsync(
            ImagePlace.Parse($"docker://{Image}"), ImagePlace.Parse("docker://target.example/app:1"), new CopyOptions { Client = client });
        Assert.Equal(image.Manifest.Digest, copied.Digest);
        Assert.DoesNotContain(fake.Asked, line => line.StartsWith("POST", StringComparison.Ordinal));
    }
}

using Blobs.Interop.Inputs;
using Blobs.Interop.Oracles;

namespace Blobs.Interop;

/// <summary>The dockerd of a newer Debian, with a data root of ours, and with its images in containerd, in the namespace <c>moby</c>.</summary>
[Collection(EngineCollection.Name)]
public sealed class NewerDockerdSpecs
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_newer_dockerd_lists_runs_saves_and_removes_what_we_loaded(bool usesContainerd)
    {
        await using var temporary = new TemporaryRoot();
        TestImage image = TestImage.Write(temporary);
        string[] root = ["--root", temporary[Dockerd.NewerRoot], "--quiet"];
        if (!usesContainerd)
        {
            await BlobsCommand.With(["load", image.Archive, .. root]).SucceedAsync();
        }

        await using Dockerd engine = await Dockerd.StartNewerAsync(temporary, usesContainerd);
        string[] store = usesContainerd ? ["--root", "containerd:moby", "--address", engine.ContainerdSocket, "--quiet"] : root;
        if (usesContainerd)
        {
            await BlobsCommand.With(["load", image.Archive, .. store]).SucceedAsync();
        }

        Assert.Equal($"{TestImage.Name}\n", await engine.RunAsync("images", "--format", "{{.Repository}}:{{.Tag}}"));
        Assert.Equal(TestImage.Output, await engine.RunAsync(
            ["run", "--pull", "never", "--rm", .. Podman.Confined, TestImage.Name]));
        await engine.RunAsync("save", "--output", temporary["newer/saved.tar"], TestImage.Name);
        Assert.Equal(image.DiffIds, DockerArchive.LayerDigests(temporary["newer/saved.tar"]));
        await engine.RunAsync("rmi", TestImage.Name);
        string documents = temporary[$"{Dockerd.NewerRoot}/image/overlay2/imagedb/content/sha256"];
        Assert.Empty(usesContainerd ? engine.KeptByContainerd : Directory.GetFiles(documents));

        // What it loads itself, we give back.
        await engine.RunAsync("load", "--quiet", "--input", temporary["newer/saved.tar"]);
        await BlobsCommand.With(["save", TestImage.Name, "-o", temporary["back.tar"], .. store]).SucceedAsync();
        Assert.Equal(image.DiffIds, DockerArchive.LayerDigests(temporary["back.tar"]));
    }
}

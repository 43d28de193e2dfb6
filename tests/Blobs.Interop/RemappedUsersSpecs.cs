using System.Text.Json;
using Blobs.Interop.Inputs;
using Blobs.Interop.Oracles;

namespace Blobs.Interop;

/// <summary>A root of an engine whose containers' root is another user of the machine.</summary>
[Collection(EngineCollection.Name)]
public sealed class RemappedUsersSpecs
{
    private const string Script = "echo new >/new; /bin/busybox chown 33:34 /new; rm /hello.txt";

    [Theory]
    [InlineData("overlay2")]
    [InlineData("overlay")]
    public async Task What_the_engine_made_I_read_and_what_I_make_it_runs(string driver)
    {
        Oracle.NeedRoot();
        await using var temporary = new TemporaryRoot();
        string outer = temporary["root"];
        TestImage image = TestImage.Write(temporary);
        string inner;
        await using (Dockerd engine = await Dockerd.StartAsync(temporary, outer, driver, remapsUsers: true))
        {
            inner = (await engine.RunAsync("info", "--format", "{{.DockerRootDir}}")).Trim();
            await engine.RunAsync("load", "--quiet", "--input", image.Archive);
            await engine.RunAsync("run", "--name", "changed", "--network", "none", TestImage.Name, "/bin/sh", "-c", Script);
        }

        string line = (await BlobsCommand.RunAsync("images", "--root", outer)).ExpectRefusal();
        Assert.EndsWith($"{inner}: give that as the root", line, StringComparison.Ordinal);
        await BlobsCommand.With("verify", "--root", inner).SucceedAsync();
        await BlobsCommand.With("commit", "changed", "ours:1", "--as", "20.10", "--root", inner).SucceedAsync();
        await BlobsCommand.With(
            "create", "--root", inner, "--name", "mine", "--network", "none", "ours:1", "/bin/sh", "-c",
            "/bin/busybox stat -c '%u:%g' /new /etc/hosts; echo more >/etc/more").SucceedAsync();
        await using (Dockerd engine = await Dockerd.StartAsync(temporary, outer, driver, remapsUsers: true))
        {
            Assert.Equal("33:34\n0:0\n", await engine.RunAsync("start", "-a", "mine"));
            await engine.RunAsync("commit", "changed", "theirs:1");
            JsonElement layers = JsonDocument.Parse(await engine.RunAsync("inspect", "ours:1", "theirs:1")).RootElement;

            // Where the engine compares trees, a whiteout has the time of the comparison.
            if (driver == "overlay2")
            {
                Assert.Equal($"{layers[0].GetProperty("RootFS")}", $"{layers[1].GetProperty("RootFS")}");
            }
        }

        await BlobsCommand.With("verify", "--root", inner).SucceedAsync();
    }

    [Fact]
    public async Task An_image_that_I_load_into_an_empty_root_has_the_same_layers_when_the_engine_saves_it()
    {
        Oracle.NeedRoot();
        await using var temporary = new TemporaryRoot();
        string outer = temporary["root"];
        TestImage image = TestImage.Write(temporary);
        string inner;
        await using (Dockerd maker = await Dockerd.StartAsync(temporary, outer, remapsUsers: true))
        {
            inner = (await maker.RunAsync("info", "--format", "{{.DockerRootDir}}")).Trim();
        }

        await BlobsCommand.With("load", image.Archive, "--root", inner, "--quiet").SucceedAsync();
        string saved = temporary["saved.tar"];
        await using (Dockerd engine = await Dockerd.StartAsync(temporary, outer, remapsUsers: true))
        {
            Assert.Equal(TestImage.Says, await engine.RunAsync("run", "--rm", "--network", "none", TestImage.Name, "/bin/busybox", "cat", "/hello.txt"));
            await engine.RunAsync("save", "--output", saved, TestImage.Name);
        }

        // Every layer of the archive is read and held against the config's DiffIDs.
        await BlobsCommand.With("load", saved, "--root", temporary["again"], "--quiet").SucceedAsync();
    }
}

using System.Text.Json;
using Blobs.Interop.Inputs;
using Blobs.Interop.Oracles;

namespace Blobs.Interop;

/// <summary>Containers and images that we make are started and agreed with by the real engine, and its own are removed by us.</summary>
[Collection(EngineCollection.Name)]
public sealed class ContainersSpecs
{
    [Theory]
    [InlineData("overlay2")]
    [InlineData("overlay")]
    public async Task A_container_that_I_create_is_started_and_one_of_an_engine_I_remove(string driver)
    {
        Oracle.NeedRoot();
        await using var temporary = new TemporaryRoot();
        string root = temporary["root"];
        TestImage image = TestImage.Write(temporary);
        await BlobsCommand.With("load", image.Archive, "--root", root, "--driver", driver, "--quiet").SucceedAsync();
        string id = (await BlobsCommand.With(
            "create", "--root", root, "--name", "mine", "--network", "none", "--env", "A=b", "--workdir", "/srv/new", "--hostname", "here",
            TestImage.Name, "/bin/sh", "-c", "echo $A; pwd; hostname; cat /hello.txt").SucceedAsync()).Text.Trim();
        string theirs;
        await using (Dockerd engine = await Dockerd.StartAsync(temporary, root, driver))
        {
            Assert.Equal($"{id} mine Created\n", await engine.RunAsync("ps", "-a", "--no-trunc", "--format", "{{.ID}} {{.Names}} {{.Status}}"));
            Assert.Equal("A=b /srv/new here\n", await engine.RunAsync(
                "inspect", "--format", "{{index .Config.Env 0}} {{.Config.WorkingDir}} {{.Config.Hostname}}", "mine"));
            Assert.Equal($"b\n/srv/new\nhere\n{TestImage.Says}", await engine.RunAsync("start", "-a", "mine"));
            theirs = (await engine.RunAsync("create", "--name", "theirs", "--network", "none", TestImage.Name)).Trim();
        }

        await BlobsCommand.With("rm", "theirs", "mine", "--root", root).SucceedAsync();
        Assert.Equal(0, (await BlobsCommand.With("ps", "--root", root, "--json").SucceedAsync()).Json.GetArrayLength());
        await using Dockerd again = await Dockerd.StartAsync(temporary, root, driver);
        Assert.Equal("", await again.RunAsync("ps", "-aq"));
        string[] complaints = [.. again.LogLines.Where(line => line.Contains(theirs, StringComparison.Ordinal) || line.Contains(id, StringComparison.Ordinal))];
        Assert.Empty(complaints);
        await again.RunAsync("rmi", TestImage.Name);
        EngineReadsOurImages.ExpectNoLayer(root, driver);
    }

    [Theory]
    [InlineData("overlay2")]
    [InlineData("overlay")]
    public async Task An_added_file_and_a_commit_are_images_that_an_engine_runs(string driver)
    {
        Oracle.NeedRoot();
        await using var temporary = new TemporaryRoot();
        string root = temporary["root"];
        TestImage image = TestImage.Write(temporary);
        string file = temporary["hello.txt"];
        await File.WriteAllTextAsync(file, "added by hand\n");
        await BlobsCommand.With("load", image.Archive, "--root", root, "--driver", driver, "--quiet").SucceedAsync();
        string hello = (await BlobsCommand.With("add", "--from", TestImage.Name, "--tag", "hello:1", $"{file}:/", "--root", root).SucceedAsync()).Text.Trim();
        await using (Dockerd engine = await Dockerd.StartAsync(temporary, root, driver))
        {
            Assert.Equal("added by hand\n", await engine.RunAsync("run", "--rm", "--network", "none", "hello:1", "/bin/busybox", "cat", "/hello.txt"));
            await engine.RunAsync("run", "--name", "changed", "--network", "none", "hello:1", "/bin/sh", "-c", "rm /gone; echo more > /more; rm -r /opaque");
        }

        string committed = (await BlobsCommand.With("commit", "changed", "more:1", "--message", "by hand", "--as", "20.10", "--root", root).SucceedAsync()).Text.Trim();
        await using Dockerd again = await Dockerd.StartAsync(temporary, root, driver);
        Assert.Equal("more\n", await again.RunAsync("run", "--rm", "--network", "none", "more:1", "/bin/busybox", "cat", "/more"));
        JsonElement seen = JsonDocument.Parse(await again.RunAsync("inspect", "more:1")).RootElement[0];
        Assert.Equal(committed, seen.GetProperty("Id").GetString());
        Assert.Equal(hello, seen.GetProperty("Parent").GetString());
        Assert.Equal("by hand", seen.GetProperty("Comment").GetString());
        Assert.Equal(6, seen.GetProperty("RootFS").GetProperty("Layers").GetArrayLength());
        Assert.Equal(6, (await again.RunAsync("history", "--quiet", "more:1")).TrimEnd().Split('\n').Length);

        if (driver == "overlay2")
        {
            // The engine makes the same layer of the same change; where it compares trees, a whiteout has the time of the comparison.
            await again.RunAsync("commit", "changed", "theirs:1");
            JsonElement theirs = JsonDocument.Parse(await again.RunAsync("inspect", "theirs:1")).RootElement[0];
            Assert.Equal($"{theirs.GetProperty("RootFS").GetProperty("Layers")[5]}", $"{seen.GetProperty("RootFS").GetProperty("Layers")[5]}");
        }
    }

    [Fact]
    public async Task Volumes_of_an_image_hold_what_the_image_has_there()
    {
        Oracle.NeedRoot();
        await using var temporary = new TemporaryRoot();
        string root = temporary["root"];
        TestImage image = TestImage.Write(temporary);
        await using (Dockerd maker = await Dockerd.StartAsync(temporary, root))
        {
            string context = temporary.Folder("context");
            await File.WriteAllTextAsync(
                Path.Combine(context, "Dockerfile"),
                $"FROM {TestImage.Name}\nRUN chown 5:6 /opaque && chmod 750 /opaque\nVOLUME /opaque /data/new/\nCMD cat /opaque/new && echo x > /data/new/y && ls -ld /opaque /data/new/y\n");
            await maker.RunAsync("load", "--input", image.Archive);
            await maker.RunAsync("build", "--network", "none", "--tag", "volumes:1", context);
        }

        await BlobsCommand.With("create", "--root", root, "--name", "mine", "--network", "none", "volumes:1").SucceedAsync();
        Assert.Equal(2, Directory.GetDirectories(Path.Combine(root, "volumes")).Length);
        await using Dockerd engine = await Dockerd.StartAsync(temporary, root);
        string said = await engine.RunAsync("start", "-a", "mine");
        Assert.StartsWith("only this\n", said, StringComparison.Ordinal);
        Assert.Matches("drwxr-x--- +2 5 +6 .* /opaque\n", said);
        Assert.Contains("/data/new/y\n", said, StringComparison.Ordinal);
        Assert.Equal("volume volume \n", await engine.RunAsync("inspect", "--format", "{{range .Mounts}}{{.Type}} {{end}}", "mine"));
        await engine.RunAsync("rm", "--volumes", "mine");
        Assert.Equal("", await engine.RunAsync("volume", "ls", "--quiet"));
    }
}

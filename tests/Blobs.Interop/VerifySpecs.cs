using System.Text.Json;
using Blobs.Interop.Inputs;
using Blobs.Interop.Oracles;

namespace Blobs.Interop;

/// <summary>What the real engine and the real registry wrote is found right, and one changed byte in it is found.</summary>
[Collection(EngineCollection.Name)]
public sealed class VerifySpecs
{
    [Theory]
    [InlineData("overlay2")]
    [InlineData("overlay")]
    public async Task A_root_of_an_engine_is_right_until_somebody_changes_it(string driver)
    {
        Oracle.NeedRoot();
        await using var temporary = new TemporaryRoot();
        string root = temporary["root"];
        OddImage image = OddImage.Write(temporary);
        await using (Dockerd engine = await Dockerd.StartAsync(temporary, root, driver))
        {
            await engine.RunAsync("load", "--input", image.Archive);
            await engine.RunAsync("run", "--name", "changed", "--network", "none", OddImage.Name, "/bin/sh", "-c", "rm /hidden/b; echo more > /more; mkdir -p /a/b");
            await engine.RunAsync("commit", "changed", "changed:1");
        }

        JsonElement clean = (await BlobsCommand.With("verify", "--root", root, "--json").RunAsync()).Json;
        Assert.True(clean.GetProperty("isRight").GetBoolean(), clean.ToString());
        Assert.True(clean.GetProperty("files").GetInt64() > 100, clean.ToString());

        string file = Directory.EnumerateFiles(Path.Combine(root, driver), "one-more", SearchOption.AllDirectories).First(path => path.EndsWith("sizes/one-more", StringComparison.Ordinal));
        byte[] content = await File.ReadAllBytesAsync(file);
        content[300] ^= 1;
        await File.WriteAllBytesAsync(file, content);
        CommandResult found = (await BlobsCommand.With("verify", "--root", root).RunAsync()).Expect(1);
        Assert.Contains("sizes/one-more: ", found.Text, StringComparison.Ordinal);
        Assert.Single(found.Talk);
    }

    [Fact]
    public async Task What_we_loaded_is_right_with_everything_odd_in_it()
    {
        Oracle.NeedRoot();
        await using var temporary = new TemporaryRoot();
        OddImage image = OddImage.Write(temporary);
        foreach (string driver in (string[])["overlay2", "overlay", "vfs"])
        {
            string root = temporary[driver];
            await BlobsCommand.With("load", image.Archive, "--root", root, "--driver", driver, "--quiet").SucceedAsync();
            CommandResult result = await BlobsCommand.With("verify", "--root", root).RunAsync();
            Assert.True(result.ExitCode == 0, result.Text);
        }
    }

    [Fact]
    public async Task A_store_of_the_reference_registry_is_right_until_somebody_changes_it()
    {
        await using var temporary = new TemporaryRoot();
        TestImage image = TestImage.Write(temporary);
        string store;
        await using (DockerRegistry registry = await DockerRegistry.StartAsync(temporary))
        {
            await Skopeo.CopyAsync($"docker-archive:{image.Archive}", $"docker://{registry.Host}/a/b:1");
            await Skopeo.CopyAsync($"docker-archive:{image.Archive}", $"docker://{registry.Host}/a/b:2", "--format", "oci");
            store = registry.Store;
        }

        await BlobsCommand.With("verify", "--store", store).SucceedAsync();
        string blob = Directory.EnumerateFiles(store, "data", SearchOption.AllDirectories).MaxBy(path => new FileInfo(path).Length)!;
        await using (FileStream file = File.OpenWrite(blob))
        {
            file.Position = file.Length / 2;
            file.WriteByte((byte)'x');
            file.WriteByte((byte)'y');
        }

        CommandResult found = (await BlobsCommand.With("verify", "--store", store).RunAsync()).Expect(1);
        Assert.Contains($"{Path.GetRelativePath(store, blob)}: hashes to", found.Text, StringComparison.Ordinal);
    }
}

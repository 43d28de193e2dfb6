using System.Text;
using Blobs.Interop.Inputs;
using Blobs.Interop.Oracles;
using Blobs.Interop.Seen;

namespace Blobs.Interop;

/// <summary>The picture of a data root in the README of Blobs.Docker is drawn from a real one. <c>BLOBS_UPDATE_README=1</c> draws it anew.</summary>
[Collection(EngineCollection.Name)]
public sealed class ReadmeSpecs
{
    private const string Begin = "<!-- tree: tests/Blobs.Interop/ReadmeSpecs.cs draws this -->\n```\n";
    private const string End = "```\n<!-- /tree -->";

    [Fact]
    public async Task The_tree_is_that_of_a_real_root()
    {
        Oracle.NeedRoot();
        await using var temporary = new TemporaryRoot();
        string root = temporary["root"];
        TestImage image = TestImage.Write(temporary);
        await using (DockerRegistry registry = await DockerRegistry.StartAsync(temporary))
        {
            string name = $"{registry.Host}/team/app:1";
            await Skopeo.CopyAsync($"docker-archive:{image.Archive}", $"docker://{name}");
            await BlobsCommand.With("pull", name, "--root", root, "--keep-blob", "--quiet").SucceedAsync();
            await BlobsCommand.With("create", "--root", root, "--network", "none", name).SucceedAsync();
        }

        string picture = RootPicture.Draw(root);
        string file = Path.Combine(Repository.Root, "src/Blobs.Docker/README.md");
        string readme = await File.ReadAllTextAsync(file);
        int begin = readme.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length;
        int end = readme.IndexOf(End, StringComparison.Ordinal);
        if (Environment.GetEnvironmentVariable("BLOBS_UPDATE_README") == "1")
        {
            await File.WriteAllTextAsync(file, $"{readme[..begin]}{picture}{readme[end..]}", new UTF8Encoding(false));
            return;
        }

        Assert.Equal(picture, readme[begin..end]);
    }
}

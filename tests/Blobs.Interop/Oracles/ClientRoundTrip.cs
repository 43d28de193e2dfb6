using System.Text.Json;
using Blobs.Interop.Inputs;

namespace Blobs.Interop.Oracles;

/// <summary>An image that the clients people have push to a registry and pull again.</summary>
internal sealed class ClientRoundTrip
{
    private readonly TemporaryRoot _temporary;
    private readonly string _archive;
    private readonly string[] _diffIds;

    public ClientRoundTrip(TemporaryRoot temporary)
    {
        _temporary = temporary;
        string[] layers =
        [
            LayerFiles.Write(temporary, "base.tar", BaseLayer.Build()),
            LayerFiles.Write(temporary, "whiteout.tar", WhiteoutLayer.Build()),
        ];
        _archive = temporary["image.tar"];
        DockerArchive.Write(_archive, "twin:latest", layers, "/bin/sh");
        _diffIds = [.. layers.Select(Sha256Text.OfFile)];
    }

    public async Task SkopeoAsync(string registry, string format, string compression)
    {
        string image = $"docker://{registry}/by/skopeo:{format}-{compression}";
        await PushAsync(image, format, compression);
        await PullAsync(image);
    }

    /// <summary>Pushes with skopeo.</summary>
    public Task PushAsync(string image, string format = "oci", string compression = "gzip") => Skopeo.CopyAsync(
        $"docker-archive:{_archive}", image, "--format", format, "--dest-compress-format", compression);

    /// <summary>Pulls with skopeo, which checks every digest.</summary>
    public async Task PullAsync(string image)
    {
        string layout = $"oci:{_temporary[$"layout-{Guid.NewGuid():n}"]}:pulled";
        await Skopeo.CopyAsync(image, layout);
        Assert.Equal(_diffIds, await Skopeo.DiffIdsAsync(layout));
    }

    /// <summary>With podman or buildah.</summary>
    public async Task EngineAsync(string registry, string program)
    {
        string image = $"{registry}/by/{program}:1";
        Command Run(params string[] arguments) => new(
            Oracle.Need(program),
            ["--root", _temporary[program], "--runroot", _temporary[$"{program}-run"], "--storage-driver", "vfs", .. arguments]);

        await Run("pull", $"docker-archive:{_archive}").SucceedAsync();
        await Run("push", "--tls-verify=false", "localhost/twin:latest", $"docker://{image}").SucceedAsync();
        await Run("rmi", "--all", "--force").SucceedAsync();
        await Run("pull", "--tls-verify=false", image).SucceedAsync();
        CommandResult seen = await Run("inspect", "--type", "image", image).SucceedAsync();
        Assert.All(_diffIds, diffId => Assert.Contains(diffId, seen.Text, StringComparison.Ordinal));
    }

    public async Task DockerdAsync(string registry)
    {
        await using Dockerd engine = await Dockerd.StartAsync(_temporary, _temporary.Folder("data"));
        string image = $"{registry}/by/docker:1";
        await engine.RunAsync("load", "--quiet", "--input", _archive);
        await engine.RunAsync("tag", "twin:latest", image);
        await engine.RunAsync("push", "--quiet", image);
        await engine.RunAsync("rmi", "--force", image, "twin:latest");
        await engine.RunAsync("pull", "--quiet", image);
        string seen = await engine.RunAsync("image", "inspect", "--format", "{{json .RootFS.Layers}}", image);
        Assert.Equal(_diffIds, JsonSerializer.Deserialize<string[]>(seen));
    }
}

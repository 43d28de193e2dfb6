using System.Text.Json;
using Blobs.Interop.Inputs;
using Blobs.Interop.Oracles;

namespace Blobs.Interop;

/// <summary>The clients people have push to and pull from <c>blobs serve</c>, with and without a password.</summary>
[Collection(EngineCollection.Name)]
public sealed class RegistryClientsSpecs
{
    private const string User = "somebody";
    private const string Password = "a secret";

    public enum Login
    {
        None,
        Always,
        ToPush,
    }

    [Theory]
    [InlineData("v2s2", "gzip", Login.None)]
    [InlineData("oci", "gzip", Login.None)]
    [InlineData("oci", "zstd", Login.None)]
    [InlineData("oci", "gzip", Login.Always)]
    [InlineData("v2s2", "gzip", Login.ToPush)]
    public async Task Skopeo_pushes_and_pulls(string format, string compression, Login login)
    {
        await using var temporary = new TemporaryRoot();
        await using RegistryProcess registry = await StartAsync(temporary, login);
        (string archive, string[] diffIds) = Image(temporary);
        string image = $"docker://{registry.Address}/some/image:{compression}";
        string[] credentials = login == Login.None ? [] : [$"--dest-creds={User}:{Password}"];
        await Skopeo.CopyAsync(
            $"docker-archive:{archive}", image, ["--format", format, "--dest-compress-format", compression, .. credentials]);

        string layout = $"oci:{temporary["layout"]}:pulled";
        await Skopeo.CopyAsync(image, layout, login == Login.Always ? [$"--src-creds={User}:{Password}"] : []);
        Assert.Equal(diffIds, await Skopeo.DiffIdsAsync(layout));
        Assert.Contains(
            compression,
            (await Skopeo.ManifestAsync(layout)).GetProperty("layers")[0].GetProperty("mediaType").GetString()!,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("podman", Login.None)]
    [InlineData("podman", Login.Always)]
    [InlineData("podman", Login.ToPush)]
    [InlineData("buildah", Login.None)]
    [InlineData("buildah", Login.ToPush)]
    public async Task Podman_and_buildah_push_and_pull(string program, Login login)
    {
        Oracle.NeedRoot();
        await using var temporary = new TemporaryRoot();
        await using RegistryProcess registry = await StartAsync(temporary, login);
        (string archive, string[] diffIds) = Image(temporary);
        string image = $"{registry.Address}/some/image:1";
        string[] credentials = login == Login.None ? [] : ["--creds", $"{User}:{Password}"];
        Command Run(params string[] arguments) => new(
            Oracle.Need(program),
            ["--root", temporary["containers"], "--runroot", temporary["run"], "--storage-driver", "vfs", .. arguments]);

        await Run("pull", $"docker-archive:{archive}").SucceedAsync();
        await Run(["push", "--tls-verify=false", .. credentials, "localhost/twin:latest", $"docker://{image}"]).SucceedAsync();
        await Run("rmi", "--all", "--force").SucceedAsync();
        await Run(["pull", "--tls-verify=false", .. login == Login.Always ? credentials : [], image]).SucceedAsync();
        CommandResult seen = await Run("inspect", "--type", "image", image).SucceedAsync();
        Assert.All(diffIds, diffId => Assert.Contains(diffId, seen.Text, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(Login.None)]
    [InlineData(Login.Always)]
    [InlineData(Login.ToPush)]
    public async Task Dockerd_pushes_and_pulls(Login login)
    {
        Oracle.NeedRoot();
        Oracle.Need("dockerd");
        await using var temporary = new TemporaryRoot();
        await using RegistryProcess registry = await StartAsync(temporary, login);
        (string archive, string[] diffIds) = Image(temporary);
        await using Dockerd engine = await Dockerd.StartAsync(temporary, temporary.Folder("data"));
        string image = $"{registry.Address}/some/image:1";
        await engine.RunAsync("load", "--quiet", "--input", archive);
        await engine.RunAsync("tag", "twin:latest", image);
        if (login != Login.None)
        {
            Command command = engine.Docker("login", "--username", User, "--password-stdin", registry.Address);
            await (command with { Input = System.Text.Encoding.ASCII.GetBytes(Password) }).SucceedAsync();
        }

        await engine.RunAsync("push", "--quiet", image);
        if (login == Login.ToPush)
        {
            await engine.RunAsync("logout", registry.Address);
        }

        await engine.RunAsync("rmi", "--force", image, "twin:latest");
        await engine.RunAsync("pull", "--quiet", image);
        string seen = await engine.RunAsync("image", "inspect", "--format", "{{json .RootFS.Layers}}", image);
        Assert.Equal(diffIds, JsonSerializer.Deserialize<string[]>(seen));
    }

    [Fact]
    public async Task A_push_without_a_password_is_refused_where_one_is_needed()
    {
        await using var temporary = new TemporaryRoot();
        await using RegistryProcess registry = await StartAsync(temporary, Login.ToPush);
        (string archive, _) = Image(temporary);
        CommandResult refused = await new Command(
            Oracle.Need("skopeo"), "--insecure-policy", "copy", "--dest-tls-verify=false", $"docker-archive:{archive}",
            $"docker://{registry.Address}/some/image:1").RunAsync();
        Assert.NotEqual(0, refused.ExitCode);
    }

    [Fact]
    public async Task A_certificate_and_its_key_make_it_https()
    {
        await using var temporary = new TemporaryRoot();
        string certificate = temporary["certificate.pem"];
        string key = temporary["key.pem"];
        await new Command(
            Oracle.Need("openssl"), "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
            "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate).SucceedAsync();
        await using RegistryProcess registry =
            await RegistryProcess.OursAsync(temporary, temporary["store"], "--tls-cert", certificate, "--tls-key", key);
        CommandResult seen = await new Command(
            Oracle.Need("curl"), "--silent", "--fail", "--cacert", certificate, $"https://{registry.Address}/v2/").SucceedAsync();
        Assert.Equal("{}", seen.Text);
    }

    [Fact]
    public async Task The_start_up_line_says_where_what_and_for_whom()
    {
        await using var temporary = new TemporaryRoot();
        Directory.CreateDirectory(Path.Combine(temporary["store"], "docker/registry/v2"));
        await using RegistryProcess registry = await RegistryProcess.OursAsync(temporary, temporary["store"], "--read-only", "--metrics");
        Assert.Equal("{}", await registry.Client.GetStringAsync("/v2/"));
        string metrics = await registry.Client.GetStringAsync("/metrics");
        Assert.Contains("blobs_registry_request_duration_seconds_count", metrics, StringComparison.Ordinal);
        Assert.Equal(0, await registry.StopAsync());
        Assert.Equal(
            $"blobs: listening on http://{registry.Address}, storing in {temporary["store"]} (durability commit), "
            + "anyone may pull, no one may push",
            (await File.ReadAllLinesAsync(registry.Log))[0]);
    }

    [Fact]
    public async Task A_stop_lets_an_upload_finish()
    {
        await using var temporary = new TemporaryRoot();
        await using RegistryProcess registry = await RegistryProcess.OursAsync(temporary, temporary["store"]);
        byte[] content = new byte[100_000];
        using var gate = new SlowContent(content);
        Task<HttpResponseMessage> push =
            registry.Client.PostAsync($"/v2/some/image/blobs/uploads/?digest={Sha256Text.Of(content)}", gate);
        await gate.Started;

        // Sent is not yet received: a connection on which no request has begun is closed.
        string uploads = Path.Combine(temporary["store"], "docker/registry/v2/repositories/some/image/_uploads");
        while (!Directory.Exists(uploads) || Directory.GetFiles(uploads, "data", SearchOption.AllDirectories).Length == 0)
        {
            Assert.False(push.IsCompleted, "the push has ended before its body has");
            await Task.Delay(20);
        }

        Task<int> stop = registry.StopAsync();
        await Task.Delay(500);
        gate.Finish();
        Assert.Equal(System.Net.HttpStatusCode.Created, (await push).StatusCode);
        Assert.Equal(0, await stop);
    }

    private static async Task<RegistryProcess> StartAsync(TemporaryRoot temporary, Login login)
    {
        if (login == Login.None)
        {
            return await RegistryProcess.OursAsync(temporary, temporary["store"]);
        }

        string users = temporary["users"];
        await new Command(Oracle.Need("htpasswd"), "-cbB", users, User, Password).SucceedAsync();
        string[] more = login == Login.ToPush ? ["--anonymous-pull"] : [];
        return await RegistryProcess.OursAsync(temporary, temporary["store"], ["--htpasswd", users, .. more]);
    }

    private static (string Archive, string[] DiffIds) Image(TemporaryRoot temporary)
    {
        string[] layers =
        [
            LayerFiles.Write(temporary, "base.tar", BaseLayer.Build()),
            LayerFiles.Write(temporary, "whiteout.tar", WhiteoutLayer.Build()),
        ];
        string archive = temporary["image.tar"];
        DockerArchive.Write(archive, "twin:latest", layers, "/bin/sh");
        return (archive, [.. layers.Select(Sha256Text.OfFile)]);
    }
}

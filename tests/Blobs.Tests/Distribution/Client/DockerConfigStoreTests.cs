using System.Runtime.Versioning;
using Blobs.Distribution.Client;
using Blobs.Errors;

namespace Blobs.Tests.Distribution.Client;

/// <summary>Tests that a login changes nothing else in docker's file.</summary>
[SupportedOSPlatform("linux")]
public sealed class DockerConfigStoreTests : IDisposable
{
    private static readonly RegistryCredentials Alice = new() { Username = "alice", Password = "s3:cret" };

    private readonly string _folder = Directory.CreateTempSubdirectory("blobs-").FullName;

    private string Path => System.IO.Path.Combine(_folder, "config.json");

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_new_file_is_what_docker_writes_and_private()
    {
        string path = System.IO.Path.Combine(_folder, "new", "config.json");
        Assert.Equal(path, await new DockerConfig(path).StoreAsync("x.example", Alice));
        Assert.Equal(
            "{\n\t\"auths\": {\n\t\t\"x.example\": {\n\t\t\t\"auth\": \"YWxpY2U6czM6Y3JldA==\"\n\t\t}\n\t}\n}", File.ReadAllText(path));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(path));
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute,
            File.GetUnixFileMode(System.IO.Path.GetDirectoryName(path)!));
        Assert.Equal(Alice, await new DockerConfig(path).FindAsync("x.example"));
    }

    [Fact]
    public async Task Everything_else_in_the_file_stays()
    {
        const string Old = """
            {"HttpHeaders":{"a":"<b>"},"auths":{"y.example":{"auth":"YTpi","email":"a@b","new":1e3},"x.example":{"auth":"Yjpj"}},
             "credHelpers":{"z.example":"zz"},"detachKeys":"ctrl-e,e","number":1.50,"later":[null]}
            """;
        const string New = """
            {
            	"HttpHeaders": {
            		"a": "<b>"
            	},
            	"auths": {
            		"y.example": {
            			"auth": "YTpi",
            			"email": "a@b",
            			"new": 1e3
            		},
            		"x.example": {
            			"auth": "YWxpY2U6czM6Y3JldA=="
            		}
            	},
            	"credHelpers": {
            		"z.example": "zz"
            	},
            	"detachKeys": "ctrl-e,e",
            	"number": 1.50,
            	"later": [
            		null
            	]
            }
            """;
        File.WriteAllText(Path, Old);
        await new DockerConfig(Path).StoreAsync("x.example", Alice);
        Assert.Equal(New, File.ReadAllText(Path));
        Assert.Equal([Path], Directory.GetFileSystemEntries(_folder));
    }

    [Fact]
    public async Task Docker_Hub_has_the_name_that_docker_gives_it()
    {
        File.WriteAllText(Path, """{"auths":{"docker.io":{"auth":"Yjpj"}}}""");
        Assert.Equal("b", (await new DockerConfig(Path).FindAsync("docker.io"))!.Username);
        var config = new DockerConfig(Path);
        await config.StoreAsync("docker.io", Alice);
        string text = File.ReadAllText(Path);
        Assert.Contains("\"https://index.docker.io/v1/\"", text, StringComparison.Ordinal);
        Assert.DoesNotContain("\"docker.io\"", text, StringComparison.Ordinal);
        Assert.Equal(Alice, await config.FindAsync("docker.io"));
        Assert.Equal(Path, await config.EraseAsync("docker.io"));
        Assert.Null(await config.FindAsync("docker.io"));
    }

    [Fact]
    public async Task A_logout_removes_every_name_of_the_registry_and_no_other()
    {
        File.WriteAllText(
            Path,
            """{"auths":{"https://x.example/v1/":{"auth":"YTpi"},"x.example":{"auth":"YTpi"},"x.example/team":{"auth":"YTpi"},"x.example.org":{"auth":"YTpi"}}}""");
        Assert.Equal(Path, await new DockerConfig(Path).EraseAsync("x.example"));
        Assert.Equal(
            "{\n\t\"auths\": {\n\t\t\"x.example/team\": {\n\t\t\t\"auth\": \"YTpi\"\n\t\t},\n\t\t\"x.example.org\": {\n\t\t\t\"auth\": \"YTpi\"\n\t\t}\n\t}\n}",
            File.ReadAllText(Path));
        Assert.Null(await new DockerConfig(Path).EraseAsync("none.example"));
    }

    [Fact]
    public async Task A_link_to_the_file_stays_a_link()
    {
        string target = System.IO.Path.Combine(_folder, "real.json");
        File.WriteAllText(target, "{}");
        File.CreateSymbolicLink(Path, target);
        await new DockerConfig(Path).StoreAsync("x.example", Alice);
        Assert.Equal(target, new FileInfo(Path).LinkTarget);
        Assert.Equal(Alice, await new DockerConfig(target).FindAsync("x.example"));
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("{")]
    [InlineData("""{"auths":[]}""")]
    [InlineData("""{"auths":"x"}""")]
    public async Task A_damaged_file_is_left_as_it_is(string text)
    {
        File.WriteAllText(Path, text);
        await Assert.ThrowsAsync<MalformedDataException>(() => new DockerConfig(Path).StoreAsync("x.example", Alice));
        Assert.Equal(text, File.ReadAllText(Path));
    }

    [Theory]
    [InlineData("")]
    [InlineData("""{"auths":null}""")]
    [InlineData("""{"Auths":{}}""")]
    public async Task An_empty_file_gets_its_first_login(string text)
    {
        File.WriteAllText(Path, text);
        await new DockerConfig(Path).StoreAsync("x.example", Alice);
        Assert.Equal(Alice, await new DockerConfig(Path).FindAsync("x.example"));
    }

    [Fact]
    public async Task A_helper_keeps_the_password_and_the_file_an_empty_entry()
    {
        string kept = System.IO.Path.Combine(_folder, "kept");
        string helper = Helper(
            $$"""
            case $1 in
            store) cat >{{kept}};;
            get) if [ -s {{kept}} ]; then cat {{kept}}; else echo credentials not found in native keychain; exit 1; fi;;
            erase) cat >{{kept}}.erased; rm {{kept}};;
            esac
            """);
        File.WriteAllText(Path, $$"""{"credsStore":"{{helper}}"}""");
        var config = new DockerConfig(Path);
        Assert.Equal($"docker-credential-{helper}", await config.StoreAsync("x.example", Alice));
        Assert.Equal("""{"ServerURL":"x.example","Username":"alice","Secret":"s3:cret"}""", File.ReadAllText(kept));
        Assert.Contains("\"x.example\": {}", File.ReadAllText(Path), StringComparison.Ordinal);
        Assert.DoesNotContain("s3", File.ReadAllText(Path), StringComparison.Ordinal);
        Assert.Equal(Alice, await config.FindAsync("x.example"));
        Assert.Equal($"docker-credential-{helper}", await config.EraseAsync("x.example"));
        Assert.Equal("x.example", File.ReadAllText($"{kept}.erased"));
        Assert.Null(await config.EraseAsync("x.example"));
        Assert.DoesNotContain("x.example", File.ReadAllText(Path), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_helper_that_fails_to_store_is_an_error_without_the_password()
    {
        string helper = Helper("cat; exit 2");
        File.WriteAllText(Path, $$"""{"credsStore":"{{helper}}"}""");
        RegistryException error =
            await Assert.ThrowsAsync<RegistryException>(() => new DockerConfig(Path).StoreAsync("x.example", Alice));
        Assert.Equal($"docker-credential-{helper} store: failed with exit code 2 for x.example", error.Message);
        Assert.DoesNotContain("auths", File.ReadAllText(Path), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_identity_token_is_stored_as_docker_does()
    {
        var token = new RegistryCredentials { IdentityToken = "t" };
        await new DockerConfig(Path).StoreAsync("x.example", token);
        Assert.Equal(token, await new DockerConfig(Path).FindAsync("x.example"));
    }

    private string Helper(string script)
    {
        string name = $"test-{Guid.NewGuid():n}";
        string path = System.IO.Path.Combine(_folder, $"docker-credential-{name}");
        File.WriteAllText(path, $"#!/bin/sh\n{script}\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Environment.SetEnvironmentVariable("PATH", $"{_folder}:{Environment.GetEnvironmentVariable("PATH")}");
        return name;
    }
}

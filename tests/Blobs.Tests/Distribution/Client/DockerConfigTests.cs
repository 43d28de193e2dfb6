using Blobs.Distribution.Client;
using Blobs.Errors;

namespace Blobs.Tests.Distribution.Client;

public sealed class DockerConfigTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("blobs-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("127.0.0.1:5000", """{"auths":{"127.0.0.1:5000":{"auth":"YWxpY2U6czM6Y3JldA=="}}}""")]
    [InlineData("docker.io", """{"auths":{"https://index.docker.io/v1/":{"auth":"YWxpY2U6czM6Y3JldA=="}}}""")]
    [InlineData("old.example", """{"auths":{"https://old.example/v1/":{"username":"alice","password":"s3:cret"}}}""")]
    [InlineData("x.example", """{"credsStore":"","auths":{"x.example":{"auth":"YWxpY2U6czM6Y3JldAA=","email":"a@b"}},"HttpHeaders":{}}""")]
    public async Task Finds_credentials_that_a_login_stored(string domain, string json) =>
        Assert.Equal(new RegistryCredentials { Username = "alice", Password = "s3:cret" }, await Config(json).FindAsync(domain));

    [Theory]
    [InlineData("{}")]
    [InlineData("")]
    [InlineData("""{"auths":{"x.example":{}}}""")]
    [InlineData("""{"auths":{"x.example":null,"other":{"auth":"YTpi"}}}""")]
    public async Task Finds_no_credentials_without_a_login(string json) => Assert.Null(await Config(json).FindAsync("x.example"));

    [Fact]
    public async Task A_file_that_is_not_there_has_no_credentials() =>
        Assert.Null(await new DockerConfig(Path.Combine(_folder, "none", "config.json")).FindAsync("x.example"));

    [Theory]
    [InlineData("""{"auths":{"x.example":{"auth":"not base64 secret"}}}""")]
    [InlineData("""{"auths":{"x.example":{"auth":"bm9jb2xvbg=="}}}""")]
    [InlineData("""{"auths":["x.example"]}""")]
    [InlineData("{")]
    [InlineData("""{"credsStore":"../../bin/sh"}""")]
    public async Task A_damaged_file_is_an_error_without_its_secrets(string json)
    {
        MalformedDataException error =
            await Assert.ThrowsAsync<MalformedDataException>(() => Config(json).FindAsync("x.example").AsTask());
        Assert.Equal(Fault.CredentialSyntax, error.Fault);
        Assert.DoesNotContain("secret", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Asks_the_helper_of_the_registry_before_the_store_of_all()
    {
        string one = Helper("""read server; test "$server" = x.example && echo '{"ServerURL":"x","Username":"alice","Secret":"s"}'""");
        string all = Helper("""read server; echo '{"Username":"<token>","Secret":"t"}'""");
        DockerConfig config = Config($$"""{"credHelpers":{"x.example":"{{one}}" },"credsStore":"{{all}}" }""");
        Assert.Equal(new RegistryCredentials { Username = "alice", Password = "s" }, await config.FindAsync("x.example"));
        Assert.Equal(new RegistryCredentials { IdentityToken = "t" }, await config.FindAsync("y.example"));
    }

    [Theory]
    [InlineData("echo credentials not found in native keychain; exit 1")]
    [InlineData("echo no credentials server URL; exit 1")]
    [InlineData("echo no credentials username; exit 1")]
    [InlineData("echo no usernames for x.example; exit 1")]
    [InlineData("exit 1")]
    [InlineData("echo '{}'")]
    [InlineData("""echo '{"ServerURL":"x.example","Username":"","Secret":""}'""")]
    [InlineData("""echo '{"Username":"","Secret":"s"}'""")]
    [InlineData("""echo '{"Username":"alice","Secret":null}'""")]
    public async Task A_helper_may_have_no_credentials(string script)
    {
        string helper = Helper(script);
        Assert.Null(await Config($$"""{"credsStore":"{{helper}}"}""").FindAsync("x.example"));
    }

    [Theory]
    [InlineData("\"\"")]
    [InlineData("null")]
    public async Task An_empty_helper_name_means_the_file_itself(string name)
    {
        string all = Helper("""echo '{"Username":"store","Secret":"s"}'""");
        DockerConfig config = Config(
            $$$"""{"credHelpers":{"x.example":{{{name}}}},"credsStore":"{{{all}}}","auths":{"x.example":{"auth":"YWxpY2U6czM6Y3JldA=="} } }""");
        Assert.Equal("alice", (await config.FindAsync("x.example"))?.Username);
        Assert.Equal("store", (await config.FindAsync("y.example"))?.Username);
    }

    [Fact]
    public async Task A_helper_that_does_not_answer_times_out()
    {
        string helper = Helper("exec sleep 600");
        DockerConfig config = Config($$"""{"credsStore":"{{helper}}"}""");
        var hurried = new DockerConfig(Path.Combine(_folder, "config.json")) { HelperTime = TimeSpan.FromMilliseconds(50) };
        RegistryException error = await Assert.ThrowsAsync<RegistryException>(() => hurried.FindAsync("x.example").AsTask());
        Assert.Equal($"docker-credential-{helper} get: did not answer within 0.1 s", error.Message);
        using var stop = new CancellationTokenSource(50);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => config.FindAsync("x.example", stop.Token).AsTask());
    }

    [Theory]
    [InlineData("exec cat /dev/zero")]
    [InlineData("cat /dev/zero | head -c 5000000 >&2; exec cat /dev/zero")]
    public async Task A_helper_with_endless_output_is_an_error(string script)
    {
        string helper = Helper(script);
        await Assert.ThrowsAsync<LimitExceededException>(() => Config($$"""{"credsStore":"{{helper}}"}""").FindAsync("x.example").AsTask());
    }

    [Fact]
    public async Task A_file_that_cannot_be_read_is_an_error()
    {
        Directory.CreateDirectory(Path.Combine(_folder, "config.json"));
        await Assert.ThrowsAsync<StoreException>(() => new DockerConfig(Path.Combine(_folder, "config.json")).FindAsync("x.example").AsTask());
    }

    [Fact]
    public async Task A_helper_in_the_current_folder_is_not_run()
    {
        string name = $"test-{Guid.NewGuid():n}";
        string path = Path.Combine(Environment.CurrentDirectory, $"docker-credential-{name}");
        File.WriteAllText(path, "#!/bin/sh\necho '{\"Username\":\"u\",\"Secret\":\"s\"}'\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        try
        {
            await Assert.ThrowsAsync<RegistryException>(() => Config($$"""{"credsStore":"{{name}}"}""").FindAsync("x.example").AsTask());
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public async Task A_helper_that_fails_or_is_missing_is_an_error_without_its_output()
    {
        string helper = Helper("echo secret; echo secret >&2; exit 3");
        DockerConfig config = Config($$"""{"credsStore":"{{helper}}","credHelpers":{"y.example":"none-such"} }""");
        RegistryException failed = await Assert.ThrowsAsync<RegistryException>(() => config.FindAsync("x.example").AsTask());
        Assert.Contains("exit code 3", failed.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", failed.Message, StringComparison.Ordinal);
        RegistryException missing = await Assert.ThrowsAsync<RegistryException>(() => config.FindAsync("y.example").AsTask());
        Assert.Contains("docker-credential-none-such", missing.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("echo")]
    public async Task A_helper_that_says_nothing_and_succeeds_is_one_clear_error(string script)
    {
        string helper = Helper(script);
        MalformedDataException fault = await Assert.ThrowsAsync<MalformedDataException>(
            () => Config($$"""{"credsStore":"{{helper}}"}""").FindAsync("x.example").AsTask());
        Assert.Equal($"docker-credential-{helper} get: is empty, expected JSON", fault.Message);
    }

    private DockerConfig Config(string json)
    {
        string path = Path.Combine(_folder, "config.json");
        File.WriteAllText(path, json);
        return new DockerConfig(path);
    }

    // Creates a credential helper with a unique name, and adds it to the search path.
    private string Helper(string script)
    {
        string name = $"test-{Guid.NewGuid():n}";
        string path = Path.Combine(_folder, $"docker-credential-{name}");
        File.WriteAllText(path, $"#!/bin/sh\n{script}\n");
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Environment.SetEnvironmentVariable("PATH", $"{_folder}:{Environment.GetEnvironmentVariable("PATH")}");
        return name;
    }
}

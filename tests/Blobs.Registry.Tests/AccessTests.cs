using System.Net;
using System.Text;
using System.Text.Json;
using Blobs.Errors;
using Blobs.Registry.Tests.Testing;

namespace Blobs.Registry.Tests;

/// <summary>Who may do what: Basic where everybody logs in, Bearer where pulling is free.</summary>
public sealed class AccessTests : IDisposable
{
    private readonly string _users = Path.GetTempFileName();

    public AccessTests() => Write("somebody", "secret");

    private static (string, string) Basic(string user, string password) =>
        ("Authorization", $"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes($"{user}:{password}"))}");

    public void Dispose() => File.Delete(_users);

    [Fact]
    public async Task Without_a_login_everything_is_refused_with_a_challenge()
    {
        await using RegistryServer server = await RegistryServer.StartAsync(options => options.Htpasswd = _users);
        foreach (string path in new[] { "/v2/", "/v2/foo/tags/list", "/v2/_catalog" })
        {
            HttpResponseMessage response = await server.Client.GetAsync(path);
            await response.ExpectErrorAsync(401, "UNAUTHORIZED");
            Assert.Equal("Basic realm=\"registry\"", response.Header("WWW-Authenticate"));
        }
    }

    [Fact]
    public async Task With_the_right_password_everything_is_allowed()
    {
        await using RegistryServer server = await RegistryServer.StartAsync(options => options.Htpasswd = _users);
        HttpResponseMessage response = await server.Client.CallAsync("GET", "/v2/", null, Basic("somebody", "secret"));
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        response = await server.Client.CallAsync("POST", "/v2/foo/blobs/uploads/", null, Basic("somebody", "secret"));
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
    }

    [Theory]
    [InlineData("somebody", "wrong")]
    [InlineData("somebody", "")]
    [InlineData("nobody", "secret")]
    [InlineData("", "")]
    public async Task A_wrong_password_is_refused_even_where_none_is_needed(string user, string password)
    {
        await using RegistryServer server = await RegistryServer.StartAsync(options =>
        {
            options.Htpasswd = _users;
            options.AnonymousPull = true;
        });
        HttpResponseMessage response = await server.Client.CallAsync("GET", "/v2/foo/tags/list", null, Basic(user, password));
        await response.ExpectErrorAsync(401, "UNAUTHORIZED");
        await (await server.Client.CallAsync("GET", "/v2/_token", null, Basic(user, password))).ExpectErrorAsync(401, "UNAUTHORIZED");
    }

    [Theory]
    [InlineData("Basic")]
    [InlineData("Basic !!!")]
    [InlineData("Basic c29tZWJvZHk=")]
    [InlineData("Bearer x")]
    [InlineData("Digest x")]
    public async Task A_malformed_login_is_refused(string header)
    {
        await using RegistryServer server = await RegistryServer.StartAsync(options => options.Htpasswd = _users);
        HttpResponseMessage response = await server.Client.CallAsync("GET", "/v2/", null, ("Authorization", header));
        await response.ExpectErrorAsync(401, "UNAUTHORIZED");
    }

    [Fact]
    public async Task Pulls_can_be_anonymous_while_pushes_need_a_login()
    {
        await using RegistryServer server = await RegistryServer.StartAsync(options =>
        {
            options.Htpasswd = _users;
            options.AnonymousPull = true;
        });

        await (await server.Client.GetAsync("/v2/foo/tags/list")).ExpectErrorAsync(404, "NAME_UNKNOWN");
        HttpResponseMessage push = await server.Client.CallAsync("POST", "/v2/foo/blobs/uploads/");
        await push.ExpectErrorAsync(401, "UNAUTHORIZED");
        string host = server.Client.BaseAddress!.Authority;
        Assert.Equal(
            $"Bearer realm=\"http://{host}/v2/_token\",service=\"{host}\",scope=\"repository:foo:pull,push\"",
            push.Header("WWW-Authenticate"));

        // The base asks, so that clients who have a password know to use it.
        await (await server.Client.GetAsync("/v2/")).ExpectErrorAsync(401, "UNAUTHORIZED");
    }

    [Fact]
    public async Task A_token_stands_for_a_login()
    {
        await using RegistryServer server = await RegistryServer.StartAsync(options =>
        {
            options.Htpasswd = _users;
            options.AnonymousPull = true;
        });
        HttpResponseMessage given = await server.Client.CallAsync("GET", "/v2/_token", null, Basic("somebody", "secret"));
        JsonElement answer = await given.JsonAsync();
        Assert.Equal(900, answer.GetProperty("expires_in").GetInt32());
        (string, string) bearer = ("Authorization", $"Bearer {answer.GetProperty("token").GetString()}");
        Assert.Equal(HttpStatusCode.OK, (await server.Client.CallAsync("GET", "/v2/", null, bearer)).StatusCode);
        Assert.Equal(HttpStatusCode.Accepted, (await server.Client.CallAsync("POST", "/v2/foo/blobs/uploads/", null, bearer)).StatusCode);
    }

    [Fact]
    public async Task A_token_without_a_login_only_pulls()
    {
        await using RegistryServer server = await RegistryServer.StartAsync(options =>
        {
            options.Htpasswd = _users;
            options.AnonymousPull = true;
        });
        string token = (await (await server.Client.GetAsync("/v2/_token")).JsonAsync()).GetProperty("token").GetString()!;
        (string, string) bearer = ("Authorization", $"Bearer {token}");
        Assert.Equal(HttpStatusCode.OK, (await server.Client.CallAsync("GET", "/v2/", null, bearer)).StatusCode);
        await (await server.Client.CallAsync("POST", "/v2/foo/blobs/uploads/", null, bearer)).ExpectErrorAsync(403, "DENIED");

        string other = token[..^1] + (token[^1] == 'A' ? 'B' : 'A');
        await (await server.Client.CallAsync("GET", "/v2/", null, ("Authorization", $"Bearer {other}"))).ExpectErrorAsync(401, "UNAUTHORIZED");
    }

    [Fact]
    public async Task A_token_expires()
    {
        await using RegistryServer server = await RegistryServer.StartAsync(options =>
        {
            options.Htpasswd = _users;
            options.AnonymousPull = true;
            options.TokenLifetime = TimeSpan.Zero;
        });
        string token = (await (await server.Client.GetAsync("/v2/_token")).JsonAsync()).GetProperty("token").GetString()!;
        await (await server.Client.CallAsync("GET", "/v2/", null, ("Authorization", $"Bearer {token}"))).ExpectErrorAsync(401, "UNAUTHORIZED");
    }

    [Fact]
    public async Task A_POST_for_a_token_is_405_so_that_clients_use_GET()
    {
        await using RegistryServer server = await RegistryServer.StartAsync(options =>
        {
            options.Htpasswd = _users;
            options.AnonymousPull = true;
        });
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await server.Client.CallAsync("POST", "/v2/_token", [])).StatusCode);
    }

    [Fact]
    public async Task A_changed_htpasswd_file_is_reloaded()
    {
        await using RegistryServer server = await RegistryServer.StartAsync(options => options.Htpasswd = _users);
        Assert.Equal(HttpStatusCode.OK, (await server.Client.CallAsync("GET", "/v2/", null, Basic("somebody", "secret"))).StatusCode);
        Write("somebody", "another one");
        await Task.Delay(1100);
        Assert.Equal(HttpStatusCode.Unauthorized, (await server.Client.CallAsync("GET", "/v2/", null, Basic("somebody", "secret"))).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await server.Client.CallAsync("GET", "/v2/", null, Basic("somebody", "another one"))).StatusCode);
    }

    [Fact]
    public async Task A_line_that_is_not_bcrypt_is_refused_at_the_start()
    {
        await File.WriteAllTextAsync(_users, "somebody:$apr1$abc$def\n");
        StoreException fault = await Assert.ThrowsAsync<StoreException>(
            () => RegistryServer.StartAsync(options => options.Htpasswd = _users));
        Assert.Equal($"{_users}: line 1 is not USER:BCRYPT, as `htpasswd -B` writes it", fault.Message);
    }

    [Theory]
    [InlineData("nosuch", "there is no such file; `htpasswd -B` makes one")]
    [InlineData("nosuch/users", "there is no such file; `htpasswd -B` makes one")]
    [InlineData("directory", "cannot be read: it is a directory")]
    [InlineData("loop", "cannot be read: too many levels of symbolic links")]
    public async Task A_file_of_users_that_cannot_be_read_is_one_line_with_its_name(string name, string why)
    {
        string folder = Directory.CreateTempSubdirectory("blobs-tests-").FullName;
        try
        {
            Directory.CreateDirectory(Path.Combine(folder, "directory"));
            File.CreateSymbolicLink(Path.Combine(folder, "loop"), "loop");
            string users = Path.Combine(folder, name);
            StoreException fault = await Assert.ThrowsAsync<StoreException>(
                () => RegistryServer.StartAsync(options => options.Htpasswd = users));
            Assert.Equal($"{users}: {why}", fault.Message);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private void Write(string user, string password) =>
        File.WriteAllText(_users, $"# users\n\n{user}:{BCrypt.Net.BCrypt.HashPassword(password, 5)}\n");
}

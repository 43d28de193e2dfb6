using System.Net;
using System.Security.Claims;
using System.Text.Encodings.Web;
using Blobs.Registry.Tests.Testing;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Blobs.Registry.Tests;

/// <summary>Policies of ASP.NET Core on the registry: they learn repository, action and the source of a mount.</summary>
public sealed class AuthorizationTests : IAsyncLifetime
{
    private static readonly byte[] Layer = Content.Of("alice's own");

    private readonly List<RegistryAccess> _asked = [];
    private RegistryServer _server = null!;

    private HttpClient Client => _server.Client;

    private string Digest { get; } = Content.Digest(Layer);

    public async ValueTask InitializeAsync()
    {
        _server = await RegistryServer.StartAsync(
            services: services =>
            {
                services.AddAuthentication("name").AddScheme<AuthenticationSchemeOptions, SaidName>("name", null);
                services.AddAuthorization(options => options.AddPolicy("own", policy => policy.AddRequirements(new OwnNamespace())));
                services.AddSingleton<IAuthorizationHandler>(new OwnNamespaceHandler(_asked));
            },
            map: registry => registry.RequireAuthorization("own"));
        string location = (await CallAsync("alice", "POST", "/v2/alice/odd/blobs/uploads/")).Headers.Location!.OriginalString;
        Assert.Equal(HttpStatusCode.Created, (await CallAsync("alice", "PUT", $"{location}?digest={Digest}", Layer)).StatusCode);
        _asked.Clear();
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task A_mount_from_a_repository_the_caller_may_not_pull_is_an_ordinary_upload()
    {
        HttpResponseMessage response = await CallAsync("bob", "POST", $"/v2/bob/x/blobs/uploads/?mount={Digest}&from=alice/odd");
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        Assert.Contains("/v2/bob/x/blobs/uploads/", response.Headers.Location!.OriginalString, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.NotFound, (await CallAsync("bob", "GET", $"/v2/bob/x/blobs/{Digest}")).StatusCode);
        Assert.Equal(
            [
                new RegistryAccess(RegistryAction.Push, "bob/x", "alice/odd"),
                new RegistryAccess(RegistryAction.Pull, "alice/odd"),
                new RegistryAccess(RegistryAction.Pull, "bob/x"),
            ],
            _asked);
    }

    [Fact]
    public async Task A_mount_from_a_repository_the_caller_may_pull_is_done()
    {
        HttpResponseMessage response = await CallAsync("alice", "POST", $"/v2/alice/x/blobs/uploads/?mount={Digest}&from=alice/odd");
        Assert.Equal(HttpStatusCode.Created, response.StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await CallAsync("alice", "GET", $"/v2/alice/x/blobs/{Digest}")).StatusCode);
    }

    [Theory]
    [InlineData("")]
    [InlineData("&from=")]
    [InlineData("&from=alice/odd&from=bob/x")]
    public async Task A_mount_without_a_source_is_an_ordinary_upload_when_there_is_a_policy(string from)
    {
        HttpResponseMessage response = await CallAsync("bob", "POST", $"/v2/bob/x/blobs/uploads/?mount={Digest}{from}");
        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
    }

    [Theory]
    [InlineData("GET", "/v2/", RegistryAction.Ping, "")]
    [InlineData("GET", "/v2/_catalog", RegistryAction.Catalog, "")]
    [InlineData("HEAD", "/v2/a/b/manifests/t", RegistryAction.Pull, "a/b")]
    [InlineData("PUT", "/v2/a/b/manifests/t", RegistryAction.Push, "a/b")]
    [InlineData("DELETE", "/v2/a/b/manifests/t", RegistryAction.Delete, "a/b")]
    [InlineData("GET", "/v2/a/b/tags/list", RegistryAction.Pull, "a/b")]
    [InlineData("GET", "/v2/a/b/blobs/uploads/1", RegistryAction.Push, "a/b")]
    [InlineData("DELETE", "/v2/a/b/blobs/uploads/1", RegistryAction.Push, "a/b")]
    [InlineData("PATCH", "/v2/a/b/blobs/uploads/1", RegistryAction.Push, "a/b")]
    public async Task A_policy_learns_action_and_repository(string method, string path, RegistryAction action, string repository)
    {
        await CallAsync("bob", method, path);
        Assert.Equal([new RegistryAccess(action, repository)], _asked);
    }

    [Theory]
    [InlineData("/v2/a/b/manifests/v1", RouteKind.Manifest, "a/b", "v1")]
    [InlineData("/v2/a/blobs/uploads/", RouteKind.Uploads, "a", "")]
    [InlineData("/v2/_catalog", RouteKind.Catalog, "", "")]
    public void A_policy_learns_the_parsed_path(string path, RouteKind kind, string repository, string reference)
    {
        var context = new DefaultHttpContext();
        context.Request.Path = path;
        Assert.Equal(new RegistryRoute(kind, repository, reference), context.GetRegistryRoute());
    }

    [Theory]
    [InlineData("/v2/A/manifests/v1")]
    [InlineData("/healthz")]
    public void A_policy_learns_that_other_paths_are_not_the_registrys(string path)
    {
        var context = new DefaultHttpContext();
        context.Request.Path = path;
        Assert.Null(context.GetRegistryRoute());
        Assert.Null(context.GetRegistryAccess());
    }

    [Fact]
    public async Task Another_s_repository_is_refused() =>
        Assert.Equal(HttpStatusCode.Forbidden, (await CallAsync("bob", "GET", $"/v2/alice/odd/blobs/{Digest}")).StatusCode);

    private Task<HttpResponseMessage> CallAsync(string user, string method, string path, byte[]? body = null) =>
        Client.CallAsync(method, path, body, ("X-User", user));

    private sealed class OwnNamespace : IAuthorizationRequirement;

    private sealed class OwnNamespaceHandler(List<RegistryAccess> asked) : AuthorizationHandler<OwnNamespace>
    {
        protected override Task HandleRequirementAsync(AuthorizationHandlerContext context, OwnNamespace requirement)
        {
            RegistryAccess access = context.GetRegistryAccess()!;
            lock (asked)
            {
                asked.Add(access);
            }

            if (access.Repository.StartsWith($"{context.User.Identity!.Name}/", StringComparison.Ordinal))
            {
                context.Succeed(requirement);
            }

            return Task.CompletedTask;
        }
    }

    // Whoever says a name has it: logging in is not what is tested here.
    private sealed class SaidName(IOptionsMonitor<AuthenticationSchemeOptions> options, ILoggerFactory logger, UrlEncoder encoder)
        : AuthenticationHandler<AuthenticationSchemeOptions>(options, logger, encoder)
    {
        protected override Task<AuthenticateResult> HandleAuthenticateAsync()
        {
            var identity = new ClaimsIdentity([new Claim(ClaimTypes.Name, Request.Headers["X-User"].ToString())], Scheme.Name);
            return Task.FromResult(AuthenticateResult.Success(new AuthenticationTicket(new ClaimsPrincipal(identity), Scheme.Name)));
        }
    }
}

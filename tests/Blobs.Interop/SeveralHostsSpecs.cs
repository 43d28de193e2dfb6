using Blobs.Interop.Oracles;

namespace Blobs.Interop;

/// <summary>Three <c>blobs serve</c> on one storage, behind a balancer that sends each request of an upload to another
/// one.</summary>
[Collection(EngineCollection.Name)]
public sealed class SeveralHostsSpecs
{
    [Theory]
    [InlineData("directory")]
    [InlineData("bucket")]
    public async Task Docker_podman_buildah_and_skopeo_push_to_them_and_pull_from_them(string place)
    {
        Oracle.NeedRoot();
        Oracle.Need("dockerd");
        await using var temporary = new TemporaryRoot();
        await using HostGroup hosts = await HostGroup.StartOnAsync(place, temporary);
        var trip = new ClientRoundTrip(temporary);
        await trip.SkopeoAsync(hosts.Address, "v2s2", "gzip");
        await trip.SkopeoAsync(hosts.Address, "oci", "zstd");
        await trip.EngineAsync(hosts.Address, "podman");
        await trip.EngineAsync(hosts.Address, "buildah");
        await trip.DockerdAsync(hosts.Address);
    }

    [Fact]
    public async Task Many_hosts_with_logins_want_a_key_for_their_tokens()
    {
        await using var temporary = new TemporaryRoot();
        string users = temporary["users"];
        await File.WriteAllTextAsync(users, "");
        CommandResult refused = await BlobsCommand.With(
            "serve", "--store", temporary["store"], "--hosts", "many", "--htpasswd", users, "--listen", "127.0.0.1:0").RunAsync();
        Assert.Equal(1, refused.ExitCode);
        Assert.Equal(
            "blobs: many hosts with logins need one key for their tokens: set --token-key FILE (RegistryOptions.TokenKeyFile), or --hosts one",
            refused.Error.Trim());
    }
}

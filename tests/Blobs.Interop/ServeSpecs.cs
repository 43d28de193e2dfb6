using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Blobs.Interop.Oracles;

namespace Blobs.Interop;

/// <summary>How <c>blobs serve</c> starts, and who may work on its store meanwhile.</summary>
public sealed class ServeSpecs
{
    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("localhost")]
    [InlineData("")]
    public async Task A_port_that_is_taken_is_one_line_and_no_stack_trace(string host)
    {
        await using var temporary = new TemporaryRoot();
        using var taken = new TcpListener(host.Length == 0 ? IPAddress.IPv6Any : IPAddress.Loopback, 0);
        taken.Start();
        string address = $"{host}:{((IPEndPoint)taken.LocalEndpoint).Port}";
        string line = (await BlobsCommand.RunAsync("serve", "--store", temporary["store"], "--listen", address)).ExpectRefusal();
        Assert.Contains(address, line, StringComparison.Ordinal);
        Assert.Contains("the address is already in use", line, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_address_of_another_machine_is_one_line()
    {
        await using var temporary = new TemporaryRoot();

        // TEST-NET-1: nobody has it.
        CommandResult result = await BlobsCommand.RunAsync("serve", "--store", temporary["store"], "--listen", "192.0.2.1:5000");
        Assert.Contains("192.0.2.1:5000", result.ExpectRefusal(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("5000")]
    [InlineData("127.0.0.1")]
    [InlineData("::1:5000")]
    [InlineData("[::1]")]
    [InlineData("[localhost]:5000")]
    [InlineData("localhost:65536")]
    [InlineData("localhost:")]
    [InlineData("http://localhost:5000")]
    public async Task What_is_no_address_is_wrong_usage(string address)
    {
        CommandResult result = await BlobsCommand.RunAsync("serve", "--store", "/nowhere", "--listen", address);
        Assert.Contains("HOST:PORT", result.Expect(2).Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("localhost")]
    [InlineData("[::1]")]
    [InlineData("")]
    public async Task A_name_or_an_IPv6_address_is_listened_on(string host)
    {
        await using var temporary = new TemporaryRoot();
        await using RegistryProcess registry = await RegistryProcess.OursAtAsync(temporary, temporary["store"], host);
        Assert.Equal("{}", await registry.Client.GetStringAsync(new Uri("/v2/", UriKind.Relative)));
    }

    [Fact]
    public async Task The_working_directory_is_neither_read_nor_watched()
    {
        await using var temporary = new TemporaryRoot();
        string folder = Directory.CreateDirectory(temporary["work/below"]).Parent!.FullName;
        int more = RegistryProcess.FreePort();
        await File.WriteAllTextAsync(
            Path.Combine(folder, "appsettings.json"), $$"""{"Kestrel:Endpoints:More:Url": "http://127.0.0.1:{{more}}"}""");
        await using RegistryProcess registry = await RegistryProcess.OursInFolderAsync(temporary, temporary["store"], folder);
        using var client = new TcpClient();
        await Assert.ThrowsAsync<SocketException>(() => client.ConnectAsync(IPAddress.Loopback, more));
        CommandResult handles = await new Command("sh", "-c", $"cat /proc/{registry.Id}/fdinfo/* || true").SucceedAsync();
        Assert.Contains("pos:", handles.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("inotify wd", handles.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Garbage_is_collected_while_pushes_are_taken_and_of_two_collectors_the_second_is_told_of_the_first()
    {
        await using var temporary = new TemporaryRoot();
        string store = temporary["store"];
        await using RegistryProcess writer = await RegistryProcess.OursAsync(temporary, store);
        await using RegistryProcess second = await RegistryProcess.OursAsync(temporary, store, "--gc-every", "1h");
        await BlobsCommand.With("gc", "--store", store).SucceedAsync();
        string held = Path.Combine(store, "docker/registry/v2/gc/lock");
        using Process other = Process.Start("flock", [held, "sleep", "60"]);
        while (!(await File.ReadAllTextAsync("/proc/locks")).Contains(
            string.Create(CultureInfo.InvariantCulture, $" {other.Id} "), StringComparison.Ordinal))
        {
            await Task.Delay(20);
        }

        string line = (await BlobsCommand.RunAsync("gc", "--store", store)).ExpectRefusal();
        Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"pid {other.Id}"), line, StringComparison.Ordinal);
        await BlobsCommand.With("gc", "--store", store, "--dry-run").SucceedAsync();
        await BlobsCommand.With("verify", "--store", store).SucceedAsync();
        other.Kill(entireProcessTree: true);
        await BlobsCommand.With("gc", "--store", store, "--wait", "30").SucceedAsync();
    }
}

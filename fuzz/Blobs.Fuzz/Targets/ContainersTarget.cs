using Blobs.Docker.Containers;

namespace Blobs.Fuzz.Targets;

/// <summary>A container's two files, separated by 0xFF.</summary>
internal sealed class ContainersTarget : IFuzzTarget
{
    public string Name => "containers";

    public bool IsJson => true;

    public void Run(ReadOnlySpan<byte> input)
    {
        int end = input.IndexOf((byte)0xFF);
        byte[] config = (end < 0 ? input : input[..end]).ToArray();
        byte[] hostConfig = end < 0 ? "{}"u8.ToArray() : input[(end + 1)..].ToArray();
        var json = ContainerJson.Read(config, "config.v2.json");
        ContainerJson.CheckHostConfig(hostConfig, "hostconfig.json");
        if (ContainerStore.Read(config, "config.v2.json", json.Id ?? "", json.Driver ?? "") is { } container)
        {
            DocumentUses.Of(container, config, hostConfig);
        }
    }
}

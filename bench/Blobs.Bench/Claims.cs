using System.Reflection;
using BenchmarkDotNet.Attributes;

namespace Blobs.Bench;

/// <summary>Runs benchmark methods once, for their check values.</summary>
internal static class Claims
{
    public static IEnumerable<Type> Types { get; } =
        typeof(Claims).Assembly.GetTypes().Where(type => type.IsClass && typeof(IClaim).IsAssignableFrom(type));

    public static IEnumerable<MethodInfo> Methods(Type type) =>
        type.GetMethods().Where(method => method.GetCustomAttribute<BenchmarkAttribute>() is not null);

    public static IClaim Make(Type type)
    {
        var claim = (IClaim)Activator.CreateInstance(type)!;
        claim.Setup();
        return claim;
    }

    public static string Check(IClaim claim, MethodInfo method) => (string)method.Invoke(claim, null)!;
}

using System.Reflection;

namespace Blobs.Tests.Testing;

/// <summary>The types that a compiled type uses, whether its source names them or not.</summary>
internal static class UsedTypes
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static | BindingFlags.DeclaredOnly;

    /// <summary>All of them: of bases, interfaces, fields, parameters, results, locals, and of what its code calls.</summary>
    public static IEnumerable<Type> Of(Type type) =>
        type.GetInterfaces().Append(type.BaseType)
            .Concat(type.GetFields(Declared).Select(field => field.FieldType))
            .Concat(Il.MethodsOf(type).SelectMany(Of))
            .OfType<Type>()
            .SelectMany(Parts)
            .Distinct();

    private static IEnumerable<Type?> Of(MethodBase method) => Signature(method)
        .Concat(method.GetMethodBody()?.LocalVariables.Select(local => local.LocalType) ?? [])
        .Concat(Il.NamedIn(method).SelectMany(found => found.Named switch
        {
            Type named => [named],
            MethodBase called => Signature(called).Append(called.DeclaringType),
            FieldInfo field => [field.FieldType, field.DeclaringType],
            _ => Enumerable.Empty<Type?>(),
        }));

    private static IEnumerable<Type?> Signature(MethodBase method) =>
        method.GetParameters().Select(parameter => parameter.ParameterType)
            .Concat(method.IsGenericMethod ? method.GetGenericArguments() : [])
            .Append((method as MethodInfo)?.ReturnType);

    // List<Digest[]> is a list, an array and a digest.
    private static IEnumerable<Type> Parts(Type type)
    {
        if (type.HasElementType)
        {
            return Parts(type.GetElementType()!);
        }

        return type.IsGenericType ? type.GetGenericArguments().SelectMany(Parts).Prepend(type) : [type];
    }
}
